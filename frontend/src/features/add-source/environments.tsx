import { Checkbox } from "@mantine/core";
import type { Access } from "../../backend";
import { plural, problemText } from "../../state/format";
import { hueOf } from "../../state/forwards";
import { Glyph } from "../../ui/glyph";
import { Mark } from "../../ui/parts";
import styles from "./add-source.module.css";
import { type Choice, environmentsOf, type Found, pathOf } from "./choice";

/** The environments that were found: which to follow, and which ask before they start. */
export function Environments({
  access,
  choice,
  setChoice,
  busy,
}: {
  access: Access;
  choice: Choice;
  setChoice: (choice: Choice) => void;
  busy: boolean;
}) {
  const { draft, without } = choice;
  const follow = (name: string, on: boolean) =>
    setChoice({ ...choice, without: on ? without.filter((n) => n !== name) : [...without, name] });
  const protect = (name: string, on: boolean) =>
    setChoice({
      ...choice,
      draft: {
        ...draft,
        protected: on ? [...draft.protected, name] : draft.protected.filter((n) => n !== name),
      },
    });
  return (
    <div className={styles.card} aria-busy={busy} data-busy={busy || undefined}>
      <table className={styles.table}>
        <colgroup>
          <col className={styles.colTick} />
          <col />
          <col className={styles.wide} />
          <col className={styles.colCount} />
          <col className={styles.colProtect} />
          <col className={styles.colNotes} />
        </colgroup>
        <thead>
          <tr>
            <td />
            <th scope="col">Environment</th>
            <th scope="col" className={styles.wide}>
              File
            </th>
            <th scope="col">Forwards</th>
            <th scope="col" title="Starting asks first, and no sync deletes">
              Protect
            </th>
            <th scope="col">Notes</th>
          </tr>
        </thead>
        <tbody>
          {environmentsOf(access.files).map((found, i) => {
            const on = !without.includes(found.name);
            return (
              <tr key={found.name} data-off={!on || undefined}>
                <td>
                  <Checkbox
                    aria-label={`Follow ${found.name}`}
                    checked={on}
                    onChange={(event) => follow(found.name, event.currentTarget.checked)}
                  />
                </td>
                <th scope="row" title={found.name}>
                  <Mark hue={hueOf({ name: found.name, forwards: 0 }, i)} /> <bdi>{found.name}</bdi>
                </th>
                <td
                  className={`${styles.wide} ${styles.path}`}
                  title={found.files.map((f) => f.path).join("\n")}
                >
                  <bdi>{pathOf(found)}</bdi>
                </td>
                <td className={styles.number}>{found.entries.toLocaleString("en")}</td>
                <td>
                  <Checkbox
                    aria-label={`Protect ${found.name}`}
                    checked={draft.protected.includes(found.name)}
                    disabled={!on}
                    onChange={(event) => protect(found.name, event.currentTarget.checked)}
                  />
                </td>
                <Notes found={found} />
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Notes({ found }: { found: Found }) {
  const { files, problems } = found;
  const worst = problems.find((p) => p.severity === "error") ?? problems[0];
  const all = problems.map((p) => `${p.file}: ${problemText(p)}`).join("\n");
  if (worst)
    return (
      <td title={all} data-tone={worst.severity === "error" ? "bad" : "wait"}>
        <Glyph name={worst.severity === "error" ? "stalled" : "waiting"} /> <bdi>{problemText(worst)}</bdi>
        {problems.length > 1 && ` +${problems.length - 1}`}
      </td>
    );
  return <td className={styles.quiet}>{files.length > 1 ? plural(files.length, "file") : "–"}</td>;
}
