import type { ReactNode } from "react";
import type { ForwardView, SourceView } from "../../backend";
import { useView } from "../../state/app";
import { capital, countdown, seconds } from "../../state/format";
import { useNow } from "../../state/now";
import { IconClock, IconDeviceDesktop, IconUser } from "../../ui/icons";
import { ScaleBar } from "../../ui/parts";
import { type Choice, lastsUntil } from "./draft";
import styles from "./edit.module.css";

interface Props {
  f: ForwardView;
  choice: Choice;
  /** The changed field for which "only on this computer" is not to be had. */
  barred: string | undefined;
  onChoose: (choice: Choice) => void;
}

/** How a change of a synced forward lives: it is asked every time, because the repository wins. */
export function Choices({ f, choice, barred, onChoose }: Props) {
  const source = useView((view) => view.sources.find((s) => s.name === f.source));
  const lasts = lastsUntil(source);
  const option = (
    value: Choice,
    icon: ReactNode,
    name: string,
    what: string,
    beside?: ReactNode,
    off?: boolean,
  ) => (
    <label className={styles.choice} data-on={choice === value || undefined} data-off={off || undefined}>
      <input
        type="radio"
        name="choice"
        value={value}
        checked={choice === value}
        disabled={off}
        onChange={() => onChoose(value)}
      />
      {icon}
      <span>
        <b>{name}</b>
        <span className={styles.what}>{what}</span>
      </span>
      <span className={styles.beside}>{beside}</span>
    </label>
  );
  return (
    <fieldset className={styles.choices}>
      <legend>
        How should this change live?{" "}
        <span>This forward comes from your team; a plain edit ends {lasts.ends}.</span>
      </legend>
      {option(
        "here",
        <IconDeviceDesktop />,
        "Only on this computer",
        "Syncs leave it alone; the team’s value stays visible beside it.",
        barred ? `not for ${barred}` : "for port, address and context",
        barred !== undefined,
      )}
      {option(
        "copy",
        <IconUser />,
        "My own copy",
        "A separate forward in My forwards. The team’s stays, unchanged.",
      )}
      {option(
        "edit",
        <IconClock />,
        capital(lasts.until),
        `For trying something out. ${lasts.after}`,
        lasts.clock && source && <Ends source={source} />,
      )}
    </fieldset>
  );
}

function Ends({ source }: { source: SourceView }) {
  const now = useNow();
  const { next } = source.status;
  if (!next) return null;
  const left = Math.max(0, (Date.parse(next) - now) / 1000);
  return (
    <>
      <ScaleBar
        gone={1 - left / (seconds(source.interval) || 60)}
        label={`Ends in ${Math.round(left)} seconds`}
      />{" "}
      ends in {countdown(next, now)}
    </>
  );
}
