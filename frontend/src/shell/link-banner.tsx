import type { ReactNode } from "react";
import { type AgentState, readFault } from "../backend";
import { useApp, useStale } from "../state/app";
import { useCell } from "../state/cell";
import { hintOf, sentence } from "../state/format";
import { useIntent, usePending } from "../state/intent";
import type { State } from "../state/store";
import { Button } from "../ui/button";
import { Glyph, type GlyphName } from "../ui/glyph";
import styles from "./shell.module.css";

/** What is said while the agent does not answer, or asks for something outside of this window. */
export function LinkBanner() {
  const app = useApp();
  const agent = useCell(app.agent, (state) => state);
  const state = useCell(app.store, (state) => state);
  const { link, fault, view } = state;
  if (agent && agent.state !== "running") return <AgentBanner agent={agent} known={view.revision > 0} />;
  if (link === "lost") return <Lost fault={fault} browser={app.host.kind === "browser"} />;
  return view.asking ? <Banner glyph="sign-in">{sentence(view.asking)}</Banner> : null;
}

const asOf = (time: string) => `What you see is of ${time}.`;

function Banner({ glyph, act, children }: { glyph: GlyphName; act?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.banner} role="status">
      <Glyph name={glyph} />
      <span className={styles.said}>{children}</span>
      {act}
    </div>
  );
}

/** The window's agent does not run, or is of another version. */
function AgentBanner({ agent, known }: { agent: AgentState; known: boolean }) {
  const stale = useStale();
  const fault = agent.fault ? readFault(agent.fault).fault : undefined;
  switch (agent.state) {
    case "starting":
      return <Banner glyph="connecting">Starting the agent…</Banner>;
    case "older":
      return (
        <Banner glyph="waiting" act={<Restart label={`Restart as ${agent.own}`} />}>
          The agent is {agent.version}, older than this window ({agent.own}). A restart ends open connections;
          forwards that are on start again.
        </Banner>
      );
    case "newer":
      return (
        <Banner glyph="waiting">
          The agent is {agent.version}, newer than this window ({agent.own}). Update this window to go on;
          running forwards are not affected.
        </Banner>
      );
    default:
      return (
        <Banner glyph="stalled" act={<Restart label="Start the agent" />}>
          {known ? "The agent stopped. Running forwards have ended." : "The agent does not run."}
          {stale && ` ${asOf(stale)}`}
          {fault && ` ${sentence(fault.message)} ${hintOf(fault)}`}
        </Banner>
      );
  }
}

function Restart({ label }: { label: string }) {
  const { host } = useApp();
  const intent = useIntent();
  const busy = usePending("agent");
  const run = async () => host.agent?.restart();
  return (
    <Button
      busy={busy}
      onClick={() => void intent({ key: "agent", run, failed: "The agent was not started" })}
    >
      {label}
    </Button>
  );
}

/** Nobody answers. A page in a browser cannot start anything: it says which command does. */
function Lost({ fault, browser }: { fault: State["fault"]; browser: boolean }) {
  const stale = useStale();
  if (fault && !["connection-lost", "not-running", "stopped"].includes(fault.code))
    return (
      <Banner glyph="waiting">
        {sentence(fault.message)} {hintOf(fault)}
      </Banner>
    );
  if (!browser) return <Banner glyph="waiting">The agent does not answer. {stale && asOf(stale)}</Banner>;
  return (
    <Banner glyph="waiting">
      Portolan does not answer. {stale && asOf(stale)} If it was stopped, start it in a terminal and open the
      new link: <code>portolan serve --web {location.host}</code>
    </Banner>
  );
}
