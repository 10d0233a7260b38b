import { spotlight } from "@mantine/spotlight";
import { type ReactNode, useMemo, useState } from "react";
import type { ForwardView, SourceView, View } from "../backend";
import { useActs } from "../features/forwards/acts";
import { useApp, useRoute, useView } from "../state/app";
import { amount, plural, roughly } from "../state/format";
import {
  byPlace,
  type Counts,
  count,
  favourites,
  look,
  nameOf,
  type Place,
  placeKey,
  places,
  stateWords,
  switches,
} from "../state/forwards";
import { formatRoute, type Route } from "../state/route";
import mark from "../ui/app-mark.svg";
import { IconButton } from "../ui/button";
import { Glyph } from "../ui/glyph";
import {
  IconChevronDown,
  IconChevronRight,
  IconHistory,
  IconPlayerPause,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconPlus,
  IconSearch,
  IconSettings,
  IconShield,
  IconStack,
  IconUser,
} from "../ui/icons";
import { Chip, Mark, Spoken } from "../ui/parts";
import { EnvironmentMenu } from "./environment-menu";
import { mod } from "./keys";
import { NoticeBell } from "./notice-bell";
import styles from "./sidebar.module.css";
import { suffixes } from "./suffixes";
import { useReorder, withMoved } from "./use-reorder";

/** Where everything is. Below 900 px it is a rail that keeps the environments, each with its initial. */
export function Sidebar() {
  const route = useRoute();
  const view = useView((view) => view);
  const here = useMemo(() => byPlace(view.forwards), [view.forwards]);
  const all = useMemo(() => count(view.forwards), [view.forwards]);
  return (
    <nav className={styles.side} aria-label="Environments" data-part>
      <div className={styles.brand}>
        <img src={mark} alt="" width={20} height={20} />
        <b>Portolan</b>
        <IconButton label="Command palette" shortcut={`${mod} K`} size="sm" onClick={spotlight.open}>
          <IconSearch />
        </IconButton>
      </div>
      <div className={styles.nav}>
        <Item to={{ page: "all" }} route={route} icon={<IconStack />} counts={all}>
          All forwards
        </Item>
        <Item to={{ page: "mine" }} route={route} icon={<IconUser />} counts={count(here.get("mine") ?? [])}>
          My forwards
        </Item>
        <Item to={{ page: "changes" }} route={route} icon={<IconHistory />} alert={view.superseded.length}>
          Changes
        </Item>
        <Favourites view={view} />
        <div className={styles.heading}>
          <span>Sources</span>
          <a
            className={styles.add}
            href={formatRoute({ page: "add" })}
            aria-label="Add a source"
            title="Add a source"
          >
            <IconPlus />
          </a>
        </div>
        {view.sources.map((source) => (
          <SourceTree key={source.name} source={source} view={view} here={here} route={route} />
        ))}
      </div>
      <EnvironmentMenu />
      <div className={styles.foot}>
        <Item to={{ page: "settings", section: "general" }} route={route} icon={<IconSettings />}>
          Settings
        </Item>
        <NoticeBell />
      </div>
    </nav>
  );
}

function isOn(route: Route, to: Route): boolean {
  return route.page === "settings" || route.page === "changes"
    ? route.page === to.page
    : formatRoute(route) === formatRoute(to);
}

function Item({
  to,
  route,
  icon,
  counts,
  alert = 0,
  children,
}: {
  to: Route;
  route: Route;
  icon: ReactNode;
  counts?: Counts | undefined;
  alert?: number;
  children: string;
}) {
  const on = isOn(route, to);
  return (
    <a
      className={`${styles.item} ${on ? styles.on : ""}`}
      href={formatRoute(to)}
      aria-current={on ? "page" : undefined}
      title={children}
    >
      {icon}
      <span className={styles.name}>{children}</span>
      {alert > 0 && <NeedsYou n={alert} />}
      {counts && <UpOf counts={counts} />}
    </a>
  );
}

function UpOf({ counts }: { counts: Counts }) {
  return (
    <span className={styles.number} title={`${amount(counts.up)} of ${amount(counts.all)} up`}>
      {roughly(counts.up)}/{roughly(counts.all)}
      <Spoken> up</Spoken>
    </span>
  );
}

function NeedsYou({ n }: { n: number }) {
  return (
    <span className={styles.need} title={`${amount(n)} ${n === 1 ? "needs" : "need"} you`}>
      <Glyph name="stalled" size={10} />
      <span>{roughly(n)}</span>
      <Spoken> need you</Spoken>
    </span>
  );
}

/** How many favourites there is room for; the palette finds the others. */
const shownFavourites = 12;

function Favourites({ view }: { view: View }) {
  const { details, orderFavourites } = useActs();
  const [said, setSaid] = useState("");
  const known = useMemo(
    () => new Map(places(view.sources).map((p) => [placeKey(p.source.name, p.environment.name), p])),
    [view.sources],
  );
  const short = useMemo(() => suffixes(places(view.sources).map((p) => p.environment.name)), [view.sources]);
  const all = useMemo(() => favourites(view.forwards), [view.forwards]);
  const list = all.slice(0, shownFavourites);
  const movable = useReorder(list.length, async (from, to) => {
    const moved = withMoved(all, from, to);
    await orderFavourites(moved.map((f) => f.id));
    setSaid(`${nameOf(moved[to] as ForwardView)} is number ${to + 1} of ${all.length}`);
  });
  if (!list.length) return null;
  return (
    <div className={styles.favourites}>
      <div className={styles.heading}>Favourites</div>
      <Spoken>
        <output>{said}</output>
      </Spoken>
      {list.map((f, i) => {
        const place = known.get(placeKey(f.source, f.environment));
        return (
          <button
            key={f.id}
            type="button"
            className={styles.item}
            title={`${nameOf(f)}: ${stateWords(f)}\nDrag it, or press Alt ↑↓, for another order`}
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
            onClick={() => details(f.id)}
            {...movable(i)}
          >
            <Glyph name={look(f).glyph} label={look(f).word} />
            <span className={styles.name}>{nameOf(f)}</span>
            <span className={styles.suffix} title={f.environment}>
              <Mark hue={place?.hue ?? "slate"} />
              {short.get(f.environment) ?? "mine"}
            </span>
          </button>
        );
      })}
    </div>
  );
}

function SourceTree({
  source,
  view,
  here,
  route,
}: {
  source: SourceView;
  view: View;
  here: Map<string, ForwardView[]>;
  route: Route;
}) {
  const [open, setOpen] = useState(true);
  const on = route.page === "source" && route.source === source.name;
  const mine = places(view.sources).filter((p) => p.source === source);
  return (
    <div>
      <div className={`${styles.item} ${styles.source} ${on ? styles.on : ""}`}>
        <button
          type="button"
          className={styles.fold}
          aria-expanded={open}
          aria-label={`${open ? "Fold" : "Unfold"} ${source.name}`}
          onClick={() => setOpen(!open)}
        >
          {open ? <IconChevronDown /> : <IconChevronRight />}
        </button>
        <a
          className={styles.name}
          href={formatRoute({ page: "source", source: source.name })}
          title={`${source.repo.owner}/${source.repo.name}`}
        >
          {source.repo.owner}/{source.repo.name}
        </a>
        <SourceTrouble source={source} paused={view.paused} />
      </div>
      {open &&
        mine.map((place) => (
          <EnvironmentItem
            key={place.environment.name}
            place={place}
            here={here.get(placeKey(source.name, place.environment.name)) ?? []}
            route={route}
          />
        ))}
    </div>
  );
}

function SourceTrouble({ source, paused }: { source: SourceView; paused: boolean }) {
  const { phase, fault } = source.status;
  if (phase === "stalled")
    return (
      <Glyph name={fault?.kind === "sign-in" ? "sign-in" : "stalled"} label={fault?.message ?? "Stalled"} />
    );
  if (phase === "waiting") return <Glyph name="waiting" label={fault?.message ?? "Waiting"} />;
  if (paused) {
    return (
      <Chip tone="wait" icon={<IconPlayerPause />} title="Syncing is paused">
        paused
      </Chip>
    );
  }
  return null;
}

function EnvironmentItem({ place, here, route }: { place: Place; here: ForwardView[]; route: Route }) {
  const { screen } = useApp();
  const { source, environment, hue } = place;
  const to: Route = { page: "environment", source: source.name, environment: environment.name };
  const on = formatRoute(route) === formatRoute(to);
  const counts = count(here);
  const title = [environment.title || environment.name, environment.description].filter(Boolean).join(": ");
  return (
    <div className={styles.place}>
      <a
        className={`${styles.item} ${styles.environment} ${on ? styles.on : ""}`}
        href={formatRoute(to)}
        aria-current={on ? "page" : undefined}
        title={title}
        onContextMenu={(event) => {
          event.preventDefault();
          const { left, bottom } = event.currentTarget.getBoundingClientRect(); // by the keyboard it has no place
          const [x, y] = event.clientX ? [event.clientX, event.clientY] : [left + 28, bottom];
          screen.set((s) => ({
            ...s,
            placeMenu: { source: source.name, environment: environment.name, x, y },
          }));
        }}
      >
        <span
          className={styles.mark}
          data-initial={environment.name.charAt(0).toUpperCase()}
          style={{ color: `var(--env-${hue})` }}
        />
        <span className={styles.name}>{environment.name}</span>
        {environment.protected && (
          <span className={styles.lock} title="Protected: starting asks first">
            <IconShield />
          </span>
        )}
        {counts.needs > 0 && <NeedsYou n={counts.needs} />}
        <UpOf counts={counts} />
      </a>
      <StartStop forwards={here} environment={environment.name} />
    </div>
  );
}

/** Starts and stops an environment as a whole; seen at its row under the pointer, or with the focus. */
function StartStop({ forwards, environment }: { forwards: ForwardView[]; environment: string }) {
  const acts = useActs();
  const { off, on } = switches(forwards);
  return (
    <span className={styles.acts}>
      {off.length > 0 && (
        <IconButton
          label={`Start ${plural(off.length, "forward")} in ${environment}`}
          onClick={() => acts.start(off)}
        >
          <IconPlayerPlayFilled />
        </IconButton>
      )}
      {on.length > 0 && (
        <IconButton
          label={`Stop ${plural(on.length, "forward")} in ${environment}`}
          onClick={() => acts.stop(on)}
        >
          <IconPlayerStopFilled />
        </IconButton>
      )}
    </span>
  );
}
