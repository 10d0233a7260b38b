import { Autocomplete, Select, TagsInput, TextInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { choices, type Draft } from "./config";
import styles from "./fields.module.css";

/** What a form of settings edits, and what is wrong with it. */
export interface FieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  problems: Partial<Record<keyof Draft, string>>;
}

/** A setting: its words, its key in the file, the control, and what is wrong with its value. */
export function SettingRow({
  label,
  name,
  problem,
  children,
}: {
  label: string;
  name: string;
  problem?: string | undefined;
  children: (field: { id: string; "aria-describedby"?: string; error?: boolean }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        <code>{name}</code>
      </div>
      <div className={styles.control}>
        {children({ id, ...(problem ? { "aria-describedby": `${id}-problem`, error: true } : {}) })}
        {problem && (
          <p id={`${id}-problem`} className={styles.problem} role="alert">
            {problem}
          </p>
        )}
      </div>
    </div>
  );
}

/** The branch, tag or commit. */
export function RefRow({ draft, set, branches }: FieldsProps & { branches?: string[] }) {
  return (
    <SettingRow label="Branch, tag or commit" name="ref">
      {(field) => (
        <Autocomplete
          {...field}
          data={branches ?? []}
          placeholder="the default branch"
          value={draft.ref}
          onChange={(ref) => set({ ref })}
        />
      )}
    </SettingRow>
  );
}

/** Where the files are, and which of them count. */
export function WhereRows({ draft, set, problems }: FieldsProps) {
  return (
    <>
      <SettingRow label="Folder or file" name="path" problem={problems.path}>
        {(field) => (
          <TextInput
            {...field}
            placeholder="the whole repository"
            spellCheck={false}
            value={draft.path}
            onChange={(event) => set({ path: event.currentTarget.value })}
          />
        )}
      </SettingRow>
      <PatternRows draft={draft} set={set} problems={problems} />
      <LayoutRow draft={draft} set={set} problems={problems} />
    </>
  );
}

/** How files become environments. */
export function LayoutRow({ draft, set }: FieldsProps) {
  return (
    <SettingRow label="Environments from" name="layout">
      {(field) => (
        <Select
          {...field}
          data={choices.layout}
          value={draft.layout}
          onChange={(v) => set({ layout: v ?? "auto" })}
        />
      )}
    </SettingRow>
  );
}

/** Which files are followed, by patterns below the folder. */
export function PatternRows({ draft, set }: FieldsProps) {
  return (
    <>
      {(["include", "exclude"] as const).map((name) => (
        <SettingRow
          key={name}
          label={name === "include" ? "Only these files" : "Not these files"}
          name={name}
        >
          {(field) => (
            <TagsInput
              {...field}
              placeholder={draft[name].length ? "" : "a pattern such as eu/**"}
              splitChars={["\n"]}
              value={draft[name]}
              onChange={(patterns) => set({ [name]: patterns })}
            />
          )}
        </SettingRow>
      ))}
    </>
  );
}

const times = ["30 s", "60 s", "5 min", "15 min", "1 h"];

/** When the repository is asked, and for how long. */
export function TimeRows({ draft, set, problems }: FieldsProps) {
  return (
    <>
      <SettingRow label="Look for changes every" name="interval" problem={problems.interval}>
        {(field) => (
          <Autocomplete
            {...field}
            data={times}
            filter={({ options }) => options}
            placeholder="60 s signed in, else 15 min"
            value={draft.interval}
            onChange={(interval) => set({ interval })}
          />
        )}
      </SettingRow>
      <TimeoutRow draft={draft} set={set} problems={problems} />
    </>
  );
}

/** How long a sync may take. */
export function TimeoutRow({ draft, set, problems }: FieldsProps) {
  return (
    <SettingRow label="Give up a sync after" name="timeout" problem={problems.timeout}>
      {(field) => (
        <TextInput
          {...field}
          placeholder="120 s"
          value={draft.timeout}
          onChange={(event) => set({ timeout: event.currentTarget.value })}
        />
      )}
    </SettingRow>
  );
}

const rules = [
  ["on_missing", "Removed by the team"],
  ["on_invalid", "Invalid file"],
  ["on_edit", "My edit of theirs"],
] as const;

/** What a sync may do on this computer. */
export function RuleRows({ draft, set }: FieldsProps) {
  return rules.map(([name, label]) => (
    <SettingRow key={name} label={label} name={name}>
      {(field) => (
        <Select
          {...field}
          data={choices[name]}
          value={draft[name]}
          onChange={(value) => value && set({ [name]: value })}
        />
      )}
    </SettingRow>
  ));
}

/** Which environments ask before they start. */
export function ProtectedRow({ draft, set }: FieldsProps) {
  return (
    <SettingRow label="Protected" name="protected">
      {(field) => (
        <TagsInput
          {...field}
          placeholder={draft.protected.length ? "" : "a pattern such as prod*"}
          value={draft.protected}
          onChange={(patterns) => set({ protected: patterns })}
        />
      )}
    </SettingRow>
  );
}
