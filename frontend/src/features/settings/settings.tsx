import { type ReactNode, useRef, useState } from "react";
import { searchId } from "../../shell/keys";
import { useApp } from "../../state/app";
import { formatRoute } from "../../state/route";
import { Button, IconButton } from "../../ui/button";
import { IconSearch, IconX } from "../../ui/icons";
import { PageBar } from "../../ui/page";
import { Empty, Keys } from "../../ui/parts";
import { About } from "./about";
import { Accounts } from "./accounts";
import { Checkup } from "./checkup";
import { Consents } from "./consents";
import { Contexts } from "./contexts";
import { Data } from "./data";
import { General, inGeneral } from "./general";
import { found, type SectionId, sectionOf, sections } from "./sections";
import styles from "./settings.module.css";
import { useAsked } from "./use-asked";
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

function SearchField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  return (
    <div className={styles.search}>
      <IconSearch aria-hidden="true" />
      <input
        id={searchId}
        type="text"
        value={text}
        placeholder="Search settings"
        aria-label="Search settings"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (text) onChange("");
          else event.currentTarget.blur();
          event.preventDefault();
        }}
      />
      {text ? (
        <IconButton label="Clear the search" shortcut="Esc" onClick={() => onChange("")}>
          <IconX />
        </IconButton>
      ) : (
        <Keys of="/" />
      )}
    </div>
  );
}
