import { spotlight } from "@mantine/spotlight";
import { type ReactNode, useMemo, useState } from "react";
import type { SourceView, View } from "../backend";
import { useActs } from "../features/forwards/acts";
import { useApp, useRoute, useView } from "../state/app";
import { amount, roughly } from "../state/format";
import {
  type Counts,
  count,
  countPlaces,
  look,
  nameOf,
  type Place,
  placeKey,
  places,
  stateWords,
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

/** Where everything is. Below 900 px it is a rail that keeps the environments, each with its initial. */
export function Sidebar() {
  const route = useRoute();
  const view = useView((view) => view);
  const counts = useMemo(() => countPlaces(view.forwards), [view.forwards]);
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
        <Item to={{ page: "mine" }} route={route} icon={<IconUser />} counts={counts.get("mine")}>
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
          <SourceTree key={source.name} source={source} view={view} counts={counts} route={route} />
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
  const { details } = useActs();
  const known = useMemo(
    () => new Map(places(view.sources).map((p) => [placeKey(p.source.name, p.environment.name), p])),
    [view.sources],
  );
  const short = useMemo(() => suffixes(places(view.sources).map((p) => p.environment.name)), [view.sources]);
  const list = useMemo(
    () => view.forwards.filter((f) => f.local.favourite).slice(0, shownFavourites),
    [view.forwards],
  );
  if (!list.length) return null;
  return (
    <div className={styles.favourites}>
      <div className={styles.heading}>Favourites</div>
      {list.map((f) => {
        const place = known.get(placeKey(f.source, f.environment));
        return (
          <button
            key={f.id}
            type="button"
            className={styles.item}
            title={`${nameOf(f)}: ${stateWords(f)}`}
            onClick={() => details(f.id)}
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
  counts,
  route,
}: {
  source: SourceView;
  view: View;
  counts: Map<string, Counts>;
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
          <EnvironmentItem key={place.environment.name} place={place} counts={counts} route={route} />
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

function EnvironmentItem({
  place,
  counts,
  route,
}: {
  place: Place;
  counts: Map<string, Counts>;
  route: Route;
}) {
  const { screen } = useApp();
  const { source, environment, hue } = place;
  const to: Route = { page: "environment", source: source.name, environment: environment.name };
  const on = formatRoute(route) === formatRoute(to);
  const here = counts.get(placeKey(source.name, environment.name)) ?? count([]);
  const title = [environment.title || environment.name, environment.description].filter(Boolean).join(": ");
  return (
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
      {here.needs > 0 && <NeedsYou n={here.needs} />}
      <UpOf counts={here} />
    </a>
  );
}
