import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, spotlight } from "@mantine/spotlight";
import { type KeyboardEvent, type ReactNode, useMemo, useState } from "react";
import type { ForwardView, View } from "../../backend";
import { mod } from "../../shell/keys";
import { useApp, useView } from "../../state/app";
import { addressOf, look, nameOf, places, search, stateWords } from "../../state/forwards";
import { Glyph } from "../../ui/glyph";
import { IconSearch, IconShield } from "../../ui/icons";
import { Keys, Mark, Spoken } from "../../ui/parts";
import { useActs } from "../forwards/acts";
import { about, type Command, commands, themes } from "./commands";
import { Marked } from "./marked";
import styles from "./palette.module.css";

/** How many of a kind are offered. */
const limit = 7;

/** Everything by name: forwards, places and acts. Ctrl K. */
export function Palette() {
  const [query, setQuery] = useState("");
  const app = useApp();
  const acts = useActs();
  const run = (event: KeyboardEvent) => {
    const id = document.querySelector<HTMLElement>(`.${styles.action}[data-selected]`)?.dataset.forward;
    const forward = id && app.store.get().view.forwards.find((f) => f.id === id);
    if (!forward || !(event.ctrlKey || event.metaKey)) return;
    if (event.key === "Enter") acts.toggle(forward);
    else if (event.key === "c" && !window.getSelection()?.toString()) void acts.copyAddresses([forward]);
    else return;
    event.preventDefault();
    event.stopPropagation();
    spotlight.close();
  };
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      size={640}
      centered={false}
      yOffset="clamp(24px, 13vh, 104px)"
      overlayProps={{ blur: 0, className: styles.overlay ?? "" }}
      radius="lg"
      maxHeight={440}
      scrollable
      clearQueryOnClose
      attributes={{ content: { "aria-label": "Palette" } }}
      classNames={{ content: styles.content ?? "", body: styles.body ?? "" }}
    >
      <Spotlight.Search
        placeholder="Forwards, environments, what to do"
        aria-label="Forwards, environments, what to do"
        leftSection={<IconSearch size={16} />}
        rightSection={<Keys of="Esc" />}
        classNames={{ input: styles.search ?? "" }}
        onKeyDownCapture={run}
      />
      <Results query={query} />
      <footer className={styles.foot}>
        <span>
          <Keys of="↵" /> Details
        </span>
        <span>
          <Keys of={`${mod} ↵`} /> Start or stop
        </span>
        <span>
          <Keys of={`${mod} C`} /> Copy address
        </span>
        <span className={styles.last}>
          <Keys of="?" /> All keys
        </span>
      </footer>
    </Spotlight.Root>
  );
}

function Results({ query }: { query: string }) {
  const view = useView((view) => view);
  const acts = useActs();
  const text = query.trim().toLowerCase();
  const found = useMemo(() => {
    const all = search(view.forwards, text);
    // Those whose name says it come before those whose namespace or tag does.
    const named = all.filter((f) => nameOf(f).toLowerCase().includes(text));
    return [...named, ...all.filter((f) => !named.includes(f)).slice(0, limit)].slice(0, limit);
  }, [view.forwards, text]);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const offered = useMemo(
    () => [...commands(acts, view), ...about(acts, found, text), ...themes(colorScheme, setColorScheme)],
    [acts, view, found, text, colorScheme, setColorScheme],
  );
  const matching = offered
    .filter((c) => !text || c.name.toLowerCase().includes(text))
    .slice(0, text ? limit : 6);
  return (
    <Spotlight.ActionsList className={styles.list ?? ""}>
      {found.length > 0 && (
        <Spotlight.ActionsGroup label="Forwards">
          {found.map((f) => (
            <ForwardAction key={f.id} f={f} view={view} query={query} onOpen={() => acts.details(f.id)} />
          ))}
        </Spotlight.ActionsGroup>
      )}
      {matching.length > 0 && (
        <Spotlight.ActionsGroup label="Actions">
          {matching.map((c) => (
            <Action key={c.name} command={c} query={query} />
          ))}
        </Spotlight.ActionsGroup>
      )}
      {!found.length && !matching.length && <Spotlight.Empty>Nothing matches “{query}”.</Spotlight.Empty>}
    </Spotlight.ActionsList>
  );
}

function Line({
  icon,
  name,
  query,
  aside,
}: {
  icon: ReactNode;
  name: string;
  query: string;
  aside: ReactNode;
}) {
  return (
    <span className={styles.line}>
      <span className={styles.icon}>{icon}</span>
      <span className={styles.name}>
        <Marked text={name} query={query} />
      </span>
      <span className={styles.aside}>{aside}</span>
    </span>
  );
}

function ForwardAction({
  f,
  view,
  query,
  onOpen,
}: {
  f: ForwardView;
  view: View;
  query: string;
  onOpen: () => void;
}) {
  const place = places(view.sources).find(
    (p) => p.source.name === f.source && p.environment.name === f.environment,
  );
  const { counts, glyph, word } = look(f);
  return (
    <Spotlight.Action className={styles.action ?? ""} data-forward={f.id} onClick={onOpen}>
      <Line
        icon={<Glyph name={glyph} />}
        name={nameOf(f)}
        query={query}
        aside={
          <>
            {counts === "needs" ? (
              <span className={styles.bad}>{word}</span>
            ) : (
              <code>:{addressOf(f).port}</code>
            )}
            {f.protected && <IconShield size={14} aria-label="Protected" />}
            <Mark hue={place?.hue ?? "slate"} />
            <span className={styles.environment}>{f.environment}</span>
            <Spoken>, {stateWords(f)}</Spoken>
          </>
        }
      />
    </Spotlight.Action>
  );
}

function Action({ command, query }: { command: Command; query: string }) {
  return (
    <Spotlight.Action className={styles.action ?? ""} onClick={() => void command.act()}>
      <Line
        icon={command.icon}
        name={command.name}
        query={query}
        aside={command.keys ? <Keys of={command.keys} /> : command.aside}
      />
    </Spotlight.Action>
  );
}
