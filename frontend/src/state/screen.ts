import type { ReactNode } from "react";
import type { Fields, ForwardView } from "../backend";

/** The groups that the filter bar counts. */
export type Filter = "all" | "up" | "needs" | "waiting" | "off";

/** By what the list is grouped. */
export type Grouping = "environment" | "namespace" | "context" | "tag" | "none";

/** A question before something that a person cannot take back, or that reaches production. */
export interface Question {
  title: string;
  /** Beside the title, in small: "protected". */
  note?: string;
  tone: "wait" | "bad";
  icon: "shield" | "route" | "globe" | "trash" | "stop";
  /** One sentence. */
  text: ReactNode;
  /** What it touches, named. */
  facts: Array<[name: string, value: ReactNode]>;
  /** The dangerous answer: verb and object. It never has the focus. */
  yes: string;
  /** The safe answer, which has it. */
  no?: string;
  act: () => unknown;
}

/** What lies over the page. */
export type Dialog =
  | { kind: "edit"; id: string; field?: string }
  | { kind: "new"; like?: ForwardView; environment?: string; fields?: Fields }
  | { kind: "confirm"; question: Question }
  | { kind: "import" }
  | { kind: "preview"; source: string }
  | { kind: "remove-source"; source: string }
  | { kind: "keys" };

/** What is on the screen and in no view. */
export interface Screen {
  search: string;
  /** Search in every environment, wherever it was begun. */
  everywhere: boolean;
  filter: Filter;
  grouping: Grouping;
  folded: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  /** The forward whose row has the keyboard. */
  cursor?: string;
  /** The forward whose details are open. */
  details?: string;
  /** The forward whose error card is open. */
  card?: string;
  /** The forward whose menu is open, and where. */
  menu?: { id: string; x: number; y: number };
  /** The environment whose menu in the sidebar is open, and where. */
  placeMenu?: { source: string; environment: string; x: number; y: number };
  dialog?: Dialog;
  /** Forwards that a sync brought a moment ago. */
  arrived: ReadonlySet<string>;
}

/** As it is when the program opens. */
export const screen: Screen = {
  search: "",
  everywhere: false,
  filter: "all",
  grouping: "namespace",
  folded: new Set(),
  selected: new Set(),
  arrived: new Set(),
};
