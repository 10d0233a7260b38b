import { Autocomplete, Select, TagsInput, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Entry, ForwardView, TargetQuery, WorkloadType } from "../../backend";
import { fieldText, sentence } from "../../state/format";
import { Chip } from "../../ui/parts";
import { OriginChip } from "../details/origin-chip";
import { provenance, targetField } from "../details/provenance";
import type { Choice, Draft } from "./draft";
import styles from "./edit.module.css";
import { type Offer, useContexts, useTargets } from "./use-targets";

const kinds: WorkloadType[] = [
  "service",
  "pod",
  "deployment",
  "statefulset",
  "daemonset",
  "replicaset",
  "job",
];

const choiceWords: Record<Choice, string> = {
  here: "this computer",
  copy: "my own",
  edit: "until the next sync",
};

interface Props {
  f: ForwardView | undefined;
  before: Entry;
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  problems: Partial<Record<keyof Draft, string>>;
  /** Of a synced forward: how its change will live. */
  choice: Choice | undefined;
  focus: string | undefined;
}

/** The fields of an entry. What the cluster offers is completed live; what is typed is taken all the same. */
export function EntryForm({ f, before, draft, onChange, problems, choice, focus }: Props) {
  const { context, namespace, kind, target } = draft;
  const contexts = useContexts();
  const asked = (more: Partial<TargetQuery>): TargetQuery => ({ context, ...more });
  const namespaces = useTargets(asked({}));
  const names = useTargets(namespace ? asked({ namespace, kind }) : undefined);
  const ports = useTargets(namespace && target ? asked({ namespace, kind, name: target }) : undefined);
  const named = targetField({ ...before, workload_type: kind });

  const line = (
    label: string,
    field: keyof Entry,
    id: string,
    control: ReactNode,
    changed: boolean,
    under?: ReactNode,
  ) => (
    <div className={styles.line}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.control}>
        {control}
        {under}
      </div>
      {f && (
        <span className={styles.origin}>
          {changed && choice && (
            <>
              <del title={fieldText(before[field])}>{fieldText(before[field])}</del>
              <Chip tone="accent">{choiceWords[choice]}</Chip>
            </>
          )}
          {!(changed && choice) && <OriginChip origin={provenance(f, field)} />}
        </span>
      )}
    </div>
  );
  const text = (field: keyof Entry, key: "alias" | "localPort" | "localAddress", placeholder: string) => ({
    id: `entry-${field}`,
    value: draft[key],
    placeholder,
    error: problems[key],
    "data-autofocus": (focus ?? "alias") === field || undefined,
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [key]: event.currentTarget.value }),
  });
  const differs = (field: keyof Entry, value: string) => String(before[field] ?? "") !== value;

  return (
    <>
      {line(
        "Name",
        "alias",
        "entry-alias",
        <TextInput {...text("alias", "alias", "checkout-api")} />,
        differs("alias", draft.alias),
      )}
      {line(
        "Context",
        "context",
        "entry-context",
        <Autocomplete
          id="entry-context"
          value={context}
          placeholder="the current context"
          data={contexts.map((c) => c.name)}
          data-autofocus={focus === "context" || undefined}
          onChange={(value) => onChange({ context: value })}
        />,
        differs("context", context),
      )}
      {line(
        "Namespace",
        "namespace",
        "entry-namespace",
        <Autocomplete
          id="entry-namespace"
          value={namespace}
          placeholder="the context’s own"
          data={namespaces.targets?.namespaces ?? []}
          onChange={(value) => onChange({ namespace: value })}
        />,
        differs("namespace", namespace),
        <Why offer={namespaces} />,
      )}
      {line(
        "Target",
        named,
        "entry-target",
        <div className={styles.pair}>
          <Select
            aria-label="Kind of the target"
            className={styles.kind ?? ""}
            data={kinds}
            value={kind}
            onChange={(value) => value && onChange({ kind: value as WorkloadType })}
          />
          <Autocomplete
            id="entry-target"
            className={styles.grow ?? ""}
            value={target}
            placeholder={kind === "pod" ? "a name, or labels: app=web" : "its name"}
            data={names.targets?.names ?? []}
            error={problems.target}
            onChange={(value) => onChange({ target: value })}
          />
          <Autocomplete
            aria-label="Port of the target"
            className={styles.port ?? ""}
            value={draft.remotePort}
            placeholder="port"
            data={(ports.targets?.ports ?? []).map((p) => p.name || String(p.number))}
            error={problems.remotePort}
            data-autofocus={focus === "remote_port" || undefined}
            onChange={(value) => onChange({ remotePort: value })}
          />
        </div>,
        String(before[named] ?? "") !== target || differs("remote_port", draft.remotePort),
        <Why offer={names.fault ? names : ports} />,
      )}
      {line(
        "Local port",
        "local_port",
        "entry-local_port",
        <TextInput inputMode="numeric" {...text("local_port", "localPort", "a free one, picked once")} />,
        differs("local_port", draft.localPort),
      )}
      {line(
        "Local address",
        "local_address",
        "entry-local_address",
        <TextInput {...text("local_address", "localAddress", "127.0.0.1")} />,
        differs("local_address", draft.localAddress),
      )}
      {line(
        "In a browser",
        "scheme",
        "entry-url_path",
        <div className={styles.pair}>
          <Select
            aria-label="Scheme"
            className={styles.kind ?? ""}
            data={[
              { value: "", label: "–" },
              { value: "http", label: "http" },
              { value: "https", label: "https" },
            ]}
            value={draft.scheme}
            onChange={(value) => onChange({ scheme: (value ?? "") as Draft["scheme"] })}
          />
          <TextInput
            id="entry-url_path"
            className={styles.grow ?? ""}
            value={draft.urlPath}
            placeholder="/"
            error={problems.urlPath}
            onChange={(event) => onChange({ urlPath: event.currentTarget.value })}
          />
        </div>,
        differs("scheme", draft.scheme) || differs("url_path", draft.urlPath),
      )}
      {line(
        "Tags",
        "tags",
        "entry-tags",
        <TagsInput id="entry-tags" value={draft.tags} onChange={(tags) => onChange({ tags })} />,
        String(before.tags ?? []) !== String(draft.tags),
      )}
    </>
  );
}

/** Why the cluster offers nothing; it does not hold anybody up. */
function Why({ offer: { fault } }: { offer: Offer }) {
  if (!fault) return null;
  return <p className={styles.why}>Nothing to choose from: {sentence(fault.message)} Type it instead.</p>;
}
