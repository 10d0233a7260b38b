import { Menu } from "@mantine/core";
import { useMemo } from "react";
import type { ForwardView } from "../../backend";
import { searchId } from "../../shell/keys";
import { useApp, useScreen, useView } from "../../state/app";
import { amount, plural } from "../../state/format";
import { count, places, prepareSearch, switches } from "../../state/forwards";
import type { Route } from "../../state/route";
import { Button } from "../../ui/button";
import {
  IconChevronDown,
  IconFileImport,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconServer,
} from "../../ui/icons";
import { PageBar } from "../../ui/page";
import { Chip, Mark } from "../../ui/parts";
import { SearchField } from "../../ui/search-field";
import { useActs } from "./acts";
import styles from "./forwards.module.css";
import type { Listing } from "./use-lines";

/** What the page is about, the search, and what concerns all of it. */
export function Toolbar({ route, listing }: { route: Route; listing: Listing }) {
  const { here } = listing;
  const sources = useView((view) => view.sources);
  const place =
    route.page === "environment"
      ? places(sources).find(
          (p) => p.source.name === route.source && p.environment.name === route.environment,
        )
      : undefined;
  const title =
    route.page === "environment" ? route.environment : route.page === "mine" ? "My forwards" : "All forwards";
  const counts = useMemo(() => count(here), [here]);
  const contexts = useMemo(
    () => [...new Set(here.map((f) => f.local.override?.context || f.entry.context || ""))],
    [here],
  );
  return (
    <PageBar>
      {place && <Mark hue={place.hue} size={10} />}
      <h1 title={place?.environment.description ?? title}>{title}</h1>
      <span className={`${styles.up} ${styles.wide}`}>
        {amount(counts.up)} of {amount(counts.all)} up
      </span>
      {place && contexts.length === 1 && contexts[0] && (
        <span className={styles.wide}>
          <Chip tone="outline" icon={<IconServer />} title="Kubernetes context">
            {contexts[0]}
          </Chip>
        </span>
      )}
      <Search />
      <StartAll forwards={here} />
      <New environment={place?.environment.name} />
    </PageBar>
  );
}

function Search() {
  const { screen, store } = useApp();
  const text = useScreen((s) => s.search);
  return (
    <SearchField
      id={searchId}
      label="Search forwards"
      text={text}
      onChange={(search) => screen.set((s) => ({ ...s, search, ...(search ? {} : { everywhere: false }) }))}
      onFocus={() => prepareSearch(store.get().view.forwards)}
      onLeave={() => document.querySelector<HTMLElement>('[role="grid"]')?.focus()}
    />
  );
}

function StartAll({ forwards }: { forwards: readonly ForwardView[] }) {
  const acts = useActs();
  const { off, on } = switches(forwards);
  const none = off.length ? undefined : "None is off";
  return (
    <span className={styles.split}>
      <Button icon={<IconPlayerPlay />} disabled={none} onClick={() => acts.start(off)}>
        Start all
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button aria-label="Stop all and more" title="Stop all and more">
            <IconChevronDown />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPlayerStop size={14} />}
            disabled={!on.length}
            onClick={() => acts.stop(on)}
          >
            Stop {on.length ? plural(on.length, "forward") : "all"}
          </Menu.Item>
          <Menu.Item leftSection={<IconFileImport size={14} />} onClick={acts.import}>
            Import…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}

function New({ environment }: { environment: string | undefined }) {
  const acts = useActs();
  return (
    <Button
      variant="primary"
      icon={<IconPlus />}
      title="New forward (Ctrl N)"
      onClick={() => acts.create(environment)}
    >
      New
    </Button>
  );
}
