import { type ReactNode, useRef, useState } from "react";
import { searchId } from "../../shell/keys";
import { useApp } from "../../state/app";
import { useAsked } from "../../state/asked";
import { formatRoute } from "../../state/route";
import { Button } from "../../ui/button";
import { PageBar } from "../../ui/page";
import { Empty } from "../../ui/parts";
import { SearchField } from "../../ui/search-field";
import { About } from "./about";
import { Accounts } from "./accounts";
import { Checkup } from "./checkup";
import { Consents } from "./consents";
import { Contexts } from "./contexts";
import { Data } from "./data";
import { General, inGeneral } from "./general";
import { found, type SectionId, sectionOf, sections } from "./sections";
import styles from "./settings.module.css";
import { usePlace } from "./use-place";

/** The settings, on one page; section is the one that the address names. */
export function Settings({ section }: { section: string }) {
  const { backend } = useApp();
  const settings = useAsked(backend.settings);
  const version = useAsked(backend.version);
  const [search, setSearch] = useState("");
  const page = useRef<HTMLDivElement>(null);
  const { at, show, scrolled, top } = usePlace(page, sectionOf(section));
  const text = search.trim();
  const shown = sections.filter(({ id, title, words }) =>
    id === "general" ? !text || inGeneral(text, settings.answer) : found(text, title, words),
  );
  const parts: Record<SectionId, ReactNode> = {
    general: <General key="general" asked={settings} search={text} />,
    accounts: <Accounts key="accounts" />,
    contexts: <Contexts key="contexts" />,
    consents: <Consents key="consents" />,
    checkup: <Checkup key="checkup" />,
    data: <Data key="data" asked={version} />,
    about: <About key="about" asked={version} />,
  };
  return (
    <>
      <PageBar>
        <h1>Settings</h1>
        <SearchField
          id={searchId}
          label="Search settings"
          text={search}
          onChange={(text) => {
            setSearch(text);
            top();
          }}
        />
      </PageBar>
      <div className={styles.room}>
        <nav className={styles.nav} aria-label="Settings" data-part>
          {shown.map(({ id, title }) => (
            <a
              key={id}
              href={formatRoute({ page: "settings", section: id })}
              aria-current={at === id ? "location" : undefined}
              onClick={() => show(id, true)}
            >
              {title}
            </a>
          ))}
        </nav>
        <div ref={page} className={styles.page} onScroll={scrolled} data-part>
          <div className={styles.column}>
            {shown.map(({ id }) => parts[id])}
            {shown.length === 0 && (
              <Empty
                title={`Nothing matches “${text}” in the settings.`}
                actions={<Button onClick={() => setSearch("")}>Clear</Button>}
              />
            )}
          </div>
        </div>
      </div>
    </>
  );
}
