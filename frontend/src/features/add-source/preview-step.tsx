import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import {
  type Access,
  asFault,
  type ContextUse,
  type Fault,
  type SourceConfig,
  type SyncResult,
} from "../../backend";
import { useApp, useView } from "../../state/app";
import { plural, sentence, shortSha } from "../../state/format";
import { hueOf } from "../../state/forwards";
import { say, sayFault } from "../../state/intent";
import { go } from "../../state/route";
import { Button } from "../../ui/button";
import { IconArrowLeft } from "../../ui/icons";
import { Gap, PageBody, PageFoot } from "../../ui/page";
import { Skeleton } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { RowTable } from "../source/row-table";
import { groupRows, planWords } from "../source/rows";
import styles from "./add-source.module.css";
import { asked, type Choice, environmentsOf, standsFor } from "./choice";
import { useLook } from "./use-look";

/** The last step: what the first sync brings, and the yes to it. */
export function PreviewStep({
  repo,
  config,
  choice,
  onBack,
}: {
  repo: Access["repo"];
  config: SourceConfig;
  choice: Choice;
  onBack: () => void;
}) {
  const look = useLook(asked(repo, config), 0);
  const forwards = useView((view) => view.forwards);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const { access } = look;
  const missing = access?.uses.filter((u) => u.missing) ?? [];
  const lacks = (environment: string, team: string) =>
    missing.some((u) => u.environment === environment && u.team === team && !standsFor(u, choice));
  const adding = useAdding(
    repo,
    config,
    missing.map((use) => ({ use, mine: standsFor(use, choice) })).filter(({ mine }) => mine),
  );
  const groups = access ? groupRows(access.rows, { forwards, lacks }) : [];
  const order = access ? environmentsOf(access.files).map((e) => e.name) : [];
  const guarded = config.protected ?? [];
  const [notable, setNotable] = useState(false);
  const noted = groups.flatMap((group) => {
    const rows = group.rows.filter((r) => r.notices.length);
    return rows.length ? [{ ...group, rows }] : [];
  });
  const notices = noted.reduce((sum, g) => sum + g.rows.length, 0);
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
              </p>
            )}
            <Gap />
            {access && notices > 0 && (
              <SegmentedControl
                aria-label="Rows"
                value={notable ? "notices" : "all"}
                onChange={(value) => setNotable(value === "notices")}
                data={[
                  { value: "all", label: `All ${access.rows.length.toLocaleString("en")}` },
                  { value: "notices", label: `Notices ${notices.toLocaleString("en")}` },
                ]}
              />
            )}
          </header>
          {fault && (
            <div className={styles.apart}>
              <Trouble fault={fault} />
            </div>
          )}
          {access ? (
            <RowTable
              groups={notable ? noted : groups}
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
      <PageFoot>
        <Button
          size="md"
          variant="ghost"
          icon={<IconArrowLeft />}
          disabled={adding.busy && "It is being added"}
          onClick={onBack}
        >
          Back
        </Button>
        <Gap status>
          {adding.busy
            ? sentence(adding.step || "adding").replace(/\.$/, "…")
            : `Nothing starts by itself.${mine ? ` Your ${plural(mine, "own forward")} stay as they are.` : ""}`}
        </Gap>
        <Button
          size="md"
          variant="primary"
          busy={adding.busy}
          disabled={!access && "It is being read"}
          onClick={() => void adding.add()}
        >
          Add source
        </Button>
      </PageFoot>
    </>
  );
}

/** Adds the source: its step while it syncs, a fault where it was not added, a word with Undo when it is there. */
function useAdding(
  repo: Access["repo"],
  config: SourceConfig,
  mappings: readonly { use: ContextUse; mine: string }[],
) {
  const { backend } = useApp();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const step = useView((view) => view.sources.find((s) => s.name === config.name)?.status.step);
  const add = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const result = await backend.addSource(asked(repo, config));
      for (const { use, mine } of mappings)
        await backend.mapContext(use.environment, use.team, mine).catch((thrown) => {
          sayFault(`${use.team || "No context"} in ${use.environment} is not mapped`, asFault(thrown));
        });
      const undo = async () => {
        try {
          await backend.removeSource(result.source, false);
          for (const { use } of mappings) await backend.mapContext(use.environment, use.team, use.mine ?? "");
        } catch (thrown) {
          sayFault(`Not all of ${result.source} was taken back`, asFault(thrown));
        }
      };
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
