import { Select } from "@mantine/core";
import type { ContextUse } from "../../backend";
import { IconServer } from "../../ui/icons";
import styles from "./settings.module.css";

/** Values of the choice: a context may have any name, so none stands for itself. */
const unmapped = "-";
const mapped = (name: string) => `=${name}`;

/** The choice of a context of this computer for the one that an environment's files name. */
export function ContextSelect({
  use: { environment, team },
  contexts,
  value,
  none,
  onChange,
}: {
  use: ContextUse;
  /** The names that there are; value is offered even where it is none of them. */
  contexts: readonly string[];
  /** "" is none, which has the label of none; undefined is nothing chosen yet. */
  value: string | undefined;
  /** What choosing none is called, where that is a choice. */
  none?: string | undefined;
  onChange: (name: string) => void;
}) {
  const names = value && !contexts.includes(value) ? [...contexts, value] : contexts;
  return (
    <Select
      className={styles.cell ?? ""}
      aria-label={`Context for ${team || "no context"} in ${environment}`}
      placeholder="Choose a context"
      leftSection={<IconServer size={14} />}
      data={[
        ...(none === undefined ? [] : [{ value: unmapped, label: none }]),
        ...names.map((name) => ({ value: mapped(name), label: name })),
      ]}
      value={value === undefined ? null : value ? mapped(value) : unmapped}
      searchable={contexts.length > 12}
      onChange={(value) => value !== null && onChange(value === unmapped ? "" : value.slice(1))}
    />
  );
}
