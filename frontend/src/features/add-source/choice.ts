import type { Access, AccessFile, AddSource, ContextUse, SourceConfig } from "../../backend";
import { configWith, type Draft, draftOf } from "../source/config";
import { homeOf, nameFor, readLink } from "./link";

/** What a person chose to follow. */
export interface Choice {
  /** What was typed for the repository. */
  text: string;
  name: string;
  draft: Draft;
  /** Environments that are not followed. */
  without: string[];
  /** What was chosen for contexts that are missing here, by {@link keyOf}; "" for none. */
  contexts: Record<string, string>;
}

/** The choice to begin with: what the link says, all of it. */
export function choiceFor(text: string, access: Access, taken: readonly string[]): Choice {
  const link = readLink(text);
  const draft = draftOf({ name: "", repo: access.repo });
  return {
    text,
    name: nameFor(access.repo.name, taken),
    draft: { ...draft, ref: link?.ref ?? "", path: link?.path ?? "" },
    without: [],
    contexts: {},
  };
}

/** A question to the engine about a repository as it was found: without what the first link said beside it. */
export function asked(repo: Access["repo"], config: SourceConfig): AddSource {
  return { repository: homeOf(repo), config };
}

/** The first question: what was typed, with nothing chosen. */
export function firstQuestion(text: string): AddSource {
  return { repository: text, config: { name: "", repo: { host: "", owner: "", name: "" } } };
}

/** The settings of a choice. files are those that were found; the files of what is left out are excluded. */
export function configOf(repo: Access["repo"], choice: Choice, files: readonly AccessFile[]): SourceConfig {
  const { draft, name, without } = choice;
  const left = files.filter((f) => without.includes(f.environment)).map((f) => pattern(f.path, draft.path));
  const exclude = [...draft.exclude, ...left.filter((p) => !draft.exclude.includes(p))];
  return configWith({ name, repo: apiOnly(repo) }, { ...draft, exclude });
}

/** The engine learns the repository by its address; only that of the API is not in it. */
function apiOnly({ host, owner, name, api_url }: Access["repo"]): Access["repo"] {
  return { host, owner, name, ...(api_url ? { api_url } : {}) };
}

/** A glob that fits exactly one file, relative to the folder that is followed. */
function pattern(file: string, folder: string): string {
  const at = folder.replace(/^\/+|\/+$/g, "");
  const relative = at && file.startsWith(`${at}/`) ? file.slice(at.length + 1) : file;
  return relative.replace(/[*?[\]{}\\]/g, "\\$&");
}

/** One environment that was found, with its files. */
export interface Found {
  name: string;
  files: AccessFile[];
  entries: number;
  problems: AccessFile["problems"];
}

/** The environments that files name, in order. */
export function environmentsOf(files: readonly AccessFile[]): Found[] {
  const found = new Map<string, Found>();
  for (const file of files) {
    const one = found.get(file.environment) ?? {
      name: file.environment,
      files: [],
      entries: 0,
      problems: [],
    };
    one.files.push(file);
    one.entries += file.entries;
    one.problems = [...one.problems, ...file.problems];
    found.set(file.environment, one);
  }
  return [...found.values()];
}

/** The files of an environment in short: the path of one, or the folder of several. */
export function pathOf({ files }: Found): string {
  const [first = "", ...others] = files.map((f) => f.path);
  const folder = first.slice(0, first.lastIndexOf("/") + 1);
  return folder && others.length && others.every((path) => path.startsWith(folder)) ? `${folder}…` : first;
}

/** One context that an environment names. */
export const keyOf = ({ environment, team }: ContextUse) => JSON.stringify([environment, team]);

/** The context of this computer that stands for one that is missing here: as chosen, else as proposed; "" for none. */
export function standsFor(use: ContextUse, { contexts }: Pick<Choice, "contexts">): string {
  return contexts[keyOf(use)] ?? use.proposal ?? "";
}
