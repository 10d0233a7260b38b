import { useEffect, useRef, useState } from "react";
import { type Access, asFault, type Fault, type SourceConfig, type SyncResult } from "../../backend";
import { useApp, useView } from "../../state/app";
import { hintOf, plural, sentence, shortSha } from "../../state/format";
import { hueOf } from "../../state/forwards";
import { say, sayFault } from "../../state/intent";
import { go } from "../../state/route";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconArrowLeft } from "../../ui/icons";
import { PageBody } from "../../ui/page";
import { Skeleton } from "../../ui/parts";
import { RowTable } from "../source/row-table";
import { groupRows, planWords } from "../source/rows";
import styles from "./add-source.module.css";
import { asked, environmentsOf } from "./choice";
import { useLook } from "./use-look";
import { useContextNames } from "./use-readiness";

/** The last step: what the first sync brings, and the yes to it. */
export function PreviewStep({
  repo,
  config,
  onBack,
}: {
  repo: Access["repo"];
  config: SourceConfig;
  onBack: () => void;
}) {
  const look = useLook(asked(repo, config), 0);
  const forwards = useView((view) => view.forwards);
  const contexts = useContextNames();
  const adding = useAdding(repo, config);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const { access } = look;
  const groups = access ? groupRows(access.rows, { forwards, ...(contexts ? { contexts } : {}) }) : [];
  const order = access ? environmentsOf(access.files).map((e) => e.name) : [];
  const guarded = config.protected ?? [];
  const notices = groups.reduce((sum, g) => sum + g.rows.filter((r) => r.notices.length).length, 0);
  const fault = adding.fault ?? look.fault;
  const mine = forwards.filter((f) => f.source === "mine").length;
  return (
    <>
      <PageBody>
        <div className={styles.broad}>
          <header className={styles.planHead}>
            <h2 ref={title} tabIndex={-1}>
              {access ? planWords(access.rows) : look.fault ? "Not readable" : "Reading what it holds"}
            </h2>
            {access && (
              <p>
                {plural(groups.length, "environment")} at <code>{shortSha(access.commit.sha)}</code>
                {notices > 0 && ` · ${plural(notices, "notice")}`}
              </p>
            )}
          </header>
          {fault && (
            <p className={`${styles.box} ${styles.boxBad}`} role="alert">
              <Glyph name={fault.kind === "later" ? "waiting" : "stalled"} />
              <span>
                {sentence(fault.message)} {hintOf(fault)}
              </span>
            </p>
          )}
          {access ? (
            <RowTable
              groups={groups}
              few={groups.length > 1 ? 5 : 100}
              hueOf={(name) => hueOf({ name, forwards: 0 }, Math.max(0, order.indexOf(name)))}
              guarded={(name) => guarded.includes(name)}
            />
          ) : (
            !look.fault && (
              <div className={styles.reading} aria-busy>
                <Skeleton width="30%" />
                <Skeleton width="70%" />
                <Skeleton width="60%" />
              </div>
            )
          )}
        </div>
      </PageBody>
      <footer className={styles.foot} data-part>
        <Button
          size="md"
          variant="ghost"
          icon={<IconArrowLeft />}
          disabled={adding.busy && "It is being added"}
          onClick={onBack}
        >
          Back
        </Button>
        <p className={styles.grow} role="status">
          {adding.busy
            ? sentence(adding.step || "adding").replace(/\.$/, "…")
            : `Nothing starts by itself.${mine ? ` Your ${plural(mine, "own forward")} stay as they are.` : ""}`}
        </p>
        <Button
          size="md"
          variant="primary"
          busy={adding.busy}
          disabled={!access && "It is being read"}
          onClick={() => void adding.add()}
        >
          Add source
        </Button>
      </footer>
    </>
  );
}

/** Adds the source: its step while it syncs, a fault where it was not added, a word with Undo when it is there. */
function useAdding(repo: Access["repo"], config: SourceConfig) {
  const { backend } = useApp();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const step = useView((view) => view.sources.find((s) => s.name === config.name)?.status.step);
  const add = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const result = await backend.addSource(asked(repo, config));
      const undo = () =>
        backend.removeSource(result.source, false).catch((thrown) => {
          sayFault(`${result.source} is still followed`, asFault(thrown));
        });
      say(added(repo, result), () => void undo());
      const [first] = result.rows;
      go(
        first && !result.fault
          ? { page: "environment", source: result.source, environment: first.environment }
          : { page: "source", source: result.source },
      );
    } catch (thrown) {
      setFault(asFault(thrown));
      setBusy(false);
    }
  };
  return { busy, step, fault, add };
}

function added(repo: Access["repo"], { rows, fault }: SyncResult): string {
  const name = `${repo.owner}/${repo.name}`;
  if (fault) return `Following ${name}; its first sync waits: ${sentence(fault.message)}`;
  return `Added ${plural(rows.filter((r) => r.action === "added").length, "forward")} from ${name}`;
}
