import { Autocomplete, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Access, SourceConfig } from "../../backend";
import { ago, plural, shortSha } from "../../state/format";
import { hueOf } from "../../state/forwards";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconArrowLeft, IconArrowRight, IconChevronRight, IconFolder } from "../../ui/icons";
import { Gap, PageBody, PageFoot } from "../../ui/page";
import { Skeleton } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { type Draft, problemsOf } from "../source/config";
import { LayoutRow, PatternRows, ProtectedRow, RuleRows, SettingRow, TimeoutRow } from "../source/fields";
import styles from "./add-source.module.css";
import { asked, type Choice, configOf, environmentsOf } from "./choice";
import { Environments } from "./environments";
import { nameProblem } from "./link";
import { TeamContexts } from "./team-contexts";
import { useLook } from "./use-look";

/** The second step: which branch and folder, what of it, how often. The repository is looked at again as it changes. */
export function ChooseStep({
  first,
  choice,
  setChoice,
  taken,
  onBack,
  onDone,
}: {
  first: Access;
  choice: Choice;
  setChoice: (choice: Choice) => void;
  taken: readonly string[];
  onBack: () => void;
  onDone: (config: SourceConfig) => void;
}) {
  const { draft } = choice;
  const problems = problemsOf(draft);
  const wrongName = nameProblem(choice.name, taken);
  const set = (change: Partial<Draft>) => setChoice({ ...choice, draft: { ...draft, ...change } });
  // What is unticked stays in the list, so it is asked for without leaving it out.
  const whole = { ...choice, name: "look", without: [] };
  const wrong = Object.keys(problems).length > 0;
  const question = wrong ? undefined : asked(first.repo, lookedAt(configOf(first.repo, whole, [])));
  const look = useLook(question, 400);
  const access = look.access ?? (look.fault ? undefined : first);
  const found = environmentsOf(access?.files ?? []);
  const environments = found.filter((e) => !choice.without.includes(e.name));
  const missing = (access?.uses ?? []).filter((u) => u.missing && !choice.without.includes(u.environment));
  const forwards = environments.reduce((sum, e) => sum + e.entries, 0);
  const fields = { draft, set, problems };
  const onward = useRef<HTMLButtonElement>(null);
  useEffect(() => onward.current?.focus(), []);
  const [more, setMore] = useState(false);
  const why =
    (wrong && "A value cannot be used yet") ||
    wrongName ||
    (look.busy && "It is being looked at") ||
    (look.fault && "The repository cannot be read there") ||
    (!environments.length && "There is no environment to follow");
  return (
    <>
      <PageBody>
        <div className={styles.column}>
          <div className={styles.three}>
            <Autocomplete
              label="Branch, tag or commit"
              placeholder={first.default_branch}
              data={first.branches}
              limit={50}
              value={draft.ref}
              onChange={(ref) => set({ ref })}
            />
            <TextInput
              label="Folder or file"
              placeholder="the whole repository"
              spellCheck={false}
              leftSection={<IconFolder size={16} />}
              value={draft.path}
              error={problems.path}
              onChange={(event) => set({ path: event.currentTarget.value })}
            />
            <Autocomplete
              label="Look for changes every"
              placeholder={first.login ? "60 s" : "15 min without signing in"}
              data={["30 s", "60 s", "5 min", "15 min", "1 h"]}
              filter={({ options }) => options}
              value={draft.interval}
              error={problems.interval}
              onChange={(interval) => set({ interval })}
            />
          </div>
          <h2>
            <span role="status">
              {look.busy && !look.access
                ? "Looking"
                : access
                  ? `${found.length ? plural(found.length, "environment") : "No environment"} found`
                  : "Not readable there"}
            </span>
          </h2>
          {access ? (
            <>
              <p className={styles.lead}>
                At <code>{shortSha(access.commit.sha)}</code>, {ago(access.commit.time, Date.now())}.{" "}
                {found.length > 0 && "Untick what you don’t need; you can change it later."}
              </p>
              {access.files.length ? (
                <Environments access={access} choice={choice} setChoice={setChoice} busy={look.busy} />
              ) : (
                <p className={styles.box}>
                  <Glyph name="waiting" /> No environment file here. Each JSON file with port-forwards is one
                  environment; choose another branch or folder.
                </p>
              )}
              {missing.length > 0 && (
                <TeamContexts
                  uses={missing}
                  hueOf={(name) =>
                    hueOf(
                      { name, forwards: 0 },
                      found.findIndex((e) => e.name === name),
                    )
                  }
                  choice={choice}
                  setChoice={setChoice}
                />
              )}
            </>
          ) : look.fault ? (
            <Trouble fault={look.fault} />
          ) : (
            <Skeleton width="60%" />
          )}
          <details
            open={more}
            onToggle={(event) => setMore(event.currentTarget.open)}
            className={styles.settings}
          >
            <summary>
              <IconChevronRight size={14} /> Name and settings
            </summary>
            <div className={styles.card}>
              <SettingRow label="Name on this computer" name="name" problem={wrongName}>
                {(field) => (
                  <TextInput
                    {...field}
                    spellCheck={false}
                    value={choice.name}
                    onChange={(event) => setChoice({ ...choice, name: event.currentTarget.value })}
                  />
                )}
              </SettingRow>
              <LayoutRow {...fields} />
              <PatternRows {...fields} />
              <RuleRows {...fields} />
              <ProtectedRow {...fields} />
              <TimeoutRow {...fields} />
            </div>
          </details>
        </div>
      </PageBody>
      <PageFoot>
        <Button size="md" variant="ghost" icon={<IconArrowLeft />} onClick={onBack}>
          Back
        </Button>
        <Gap>{wrongName && `Name: ${wrongName}`}</Gap>
        <Button
          ref={onward}
          size="md"
          variant="primary"
          disabled={why}
          onClick={() => access && onDone(configOf(first.repo, choice, access.files))}
        >
          Preview {plural(forwards, "forward")} <IconArrowRight />
        </Button>
      </PageFoot>
    </>
  );
}

/** The settings that make a difference to what is found. */
function lookedAt({ name, repo, ref, path, include, exclude, layout }: SourceConfig): SourceConfig {
  return {
    name,
    repo,
    ...(ref ? { ref } : {}),
    ...(path ? { path } : {}),
    ...(include ? { include } : {}),
    ...(exclude ? { exclude } : {}),
    ...(layout ? { layout } : {}),
  };
}
