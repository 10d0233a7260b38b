import { Autocomplete, Checkbox, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { type Draft, enabledFor, fits, isDefault, type Setting, settings } from "./config";
import styles from "./fields.module.css";

/** What a form of settings edits, and what is wrong with it. */
interface FieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  problems: Partial<Record<keyof Draft, string>>;
}

type Field = { id: string; "aria-describedby"?: string; error?: boolean };

/** A setting: its words, its key in the file, the control, and what is wrong with its value. */
export function SettingRow({
  label,
  name,
  problem,
  standard = false,
  children,
}: {
  label: string;
  name: string;
  problem?: string | undefined;
  /** It is as it is for those who set nothing. */
  standard?: boolean;
  children: (field: Field) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        <span>
          <code>{name}</code>
          {standard && " · default"}
        </span>
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

/** Rows of settings, each by its key. */
export function Fields({
  names,
  draft,
  set,
  problems,
  picks = {},
  environments = [],
}: FieldsProps & {
  names: Array<keyof Draft>;
  /** What there is to pick, where only this page knows. */
  picks?: Partial<Record<keyof Draft, string[]>>;
  /** All that the source has. */
  environments?: string[];
}) {
  return names.map((name) => {
    const setting = { ...settings[name], ...(picks[name] ? { picks: picks[name] } : {}) };
    return (
      <SettingRow
        key={name}
        label={setting.label}
        name={name}
        problem={problems[name]}
        standard={isDefault(draft, name)}
      >
        {(field) => (
          <Control
            field={field}
            setting={setting}
            value={draft[name]}
            environments={environments}
            onChange={(value) => set({ [name]: value })}
          />
        )}
      </SettingRow>
    );
  });
}

function Control({
  field,
  setting: { label, kind, empty, picks = [] },
  value,
  environments,
  onChange,
}: {
  field: Field;
  setting: Setting;
  value: Draft[keyof Draft];
  environments: string[];
  onChange: (value: Draft[keyof Draft]) => void;
}) {
  const text = { ...field, placeholder: empty, spellCheck: false };
  const many = Array.isArray(value) ? value : [];
  switch (kind) {
    case "switch":
      return (
        <Switch
          {...field}
          className={styles.switch ?? ""}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return <Select {...field} data={picks} value={String(value)} onChange={(v) => v && onChange(v)} />;
    case "list":
      return (
        <TagsInput
          {...text}
          placeholder={many.length ? "" : empty}
          splitChars={["\n"]}
          value={many}
          onChange={onChange}
        />
      );
    case "environments":
      return (
        <Environments field={field} label={label} enabled={many} all={environments} onChange={onChange} />
      );
    default:
      return picks.length ? (
        <Autocomplete
          {...text}
          data={picks}
          filter={({ options }) => options}
          value={String(value)}
          onChange={onChange}
        />
      ) : (
        <TextInput
          {...text}
          value={String(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

/** One box for each environment; a last tick cannot go, because none would be all of them. */
function Environments({
  field,
  label,
  enabled,
  all,
  onChange,
}: {
  field: Field;
  label: string;
  enabled: string[];
  all: string[];
  onChange: (enabled: string[]) => void;
}) {
  const shown = all.filter((name) => !enabled.length || enabled.some((glob) => fits(glob, name)));
  return (
    <fieldset
      id={field.id}
      aria-label={label}
      aria-describedby={field["aria-describedby"]}
      className={styles.ticks}
    >
      {all.map((name) => {
        const on = shown.includes(name);
        return (
          <Checkbox
            key={name}
            label={<bdi title={name}>{name}</bdi>}
            checked={on}
            disabled={on && shown.length === 1}
            onChange={() =>
              onChange(
                enabledFor(
                  all.filter((other) => (other === name ? !on : shown.includes(other))),
                  all,
                ),
              )
            }
          />
        );
      })}
      {!all.length && <span>none was found yet</span>}
    </fieldset>
  );
}
