import { TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Access, Fault } from "../../backend";
import { ago, exact, hintOf, plural, sentence, shortSha } from "../../state/format";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconArrowRight, IconCheck, IconRepository } from "../../ui/icons";
import { Gap, PageBody, PageFoot } from "../../ui/page";
import { Skeleton } from "../../ui/parts";
import { glyphOf } from "../../ui/trouble";
import { SignInForm } from "../sign-in/sign-in-form";
import { AccountNote } from "./account-note";
import type { Account } from "./account-notes";
import styles from "./add-source.module.css";
import { environmentsOf, firstQuestion } from "./choice";
import { readLink } from "./link";
import { useLook } from "./use-look";

/** Faults after which a sign-in, or another one, may help. */
const hidden = new Set(["github-not-found", "github-limit"]);

/** The first step: whether the repository can be read, and a sign-in where it cannot. */
export function AccessStep({
  text,
  setText,
  onCancel,
  onDone,
}: {
  text: string;
  setText: (text: string) => void;
  onCancel: () => void;
  onDone: (access: Access) => void;
}) {
  const [checked, setChecked] = useState(text.trim());
  const [again, setAgain] = useState(0);
  const [account, setAccount] = useState<Account>();
  const { busy, access, fault } = useLook(checked ? firstQuestion(checked) : undefined, 0, again);
  const onward = useRef<HTMLButtonElement>(null);
  const current = checked !== "" && checked === text.trim();
  const found = current && !busy ? access : undefined;
  const failed = current && !busy ? fault : undefined;
  const link = readLink(checked);
  useEffect(() => {
    if (found) onward.current?.focus();
  }, [found]);
  const check = () => {
    setChecked(text.trim());
    setAgain((n) => n + 1);
  };
  const signIn = failed && link && (failed.kind === "sign-in" || hidden.has(failed.code)) ? link : undefined;
  return (
    <>
      <PageBody>
        <div className={styles.column}>
          <form
            className={styles.ask}
            onSubmit={(event) => {
              event.preventDefault();
              check();
            }}
          >
            <TextInput
              className={styles.repository ?? ""}
              label="Repository"
              placeholder="github.com/owner/name"
              data-autofocus
              autoFocus
              spellCheck={false}
              leftSection={<IconRepository size={16} />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Button
              size="md"
              type="submit"
              variant={found || signIn ? "default" : "primary"}
              busy={busy}
              disabled={text.trim() ? undefined : "Type or paste a repository first"}
            >
              Check access
            </Button>
          </form>
          <ul className={styles.checks} aria-live="polite" aria-busy={busy}>
            {!checked && (
              <li className={styles.quiet}>
                owner/name, a link to a branch, folder or file, git@host:owner/name, GitHub Enterprise
              </li>
            )}
            {checked && !current && <li className={styles.quiet}>Not checked yet</li>}
            {busy && (
              <li>
                <Glyph name="connecting" /> Asking {link?.host ?? "the host"} <Skeleton width={120} />
              </li>
            )}
            {current && !busy && link && (link.ref || link.path) && (
              <li>
                <Done />
                <span>
                  From the link: branch <code>{link.ref}</code>
                  {link.path && (
                    <>
                      , folder or file <code>{link.path}</code>
                    </>
                  )}
                </span>
              </li>
            )}
            {found && <Facts access={found} />}
            {failed && <Failure fault={failed} />}
          </ul>
          {account && <AccountNote account={account} />}
          {signIn && (
            <section className={styles.signIn}>
              <h2>Sign in to read it</h2>
              <p className={styles.lead}>
                Syncing only ever reads. The token stays in the system keychain, never in a file or a log.
              </p>
              <SignInForm
                key={signIn.host}
                host={signIn.host}
                repository={signIn}
                onDone={(account) => {
                  setAccount(account);
                  setAgain((n) => n + 1);
                }}
              />
            </section>
          )}
        </div>
      </PageBody>
      <PageFoot>
        <Button size="md" variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Gap />
        {found && (
          <Button ref={onward} size="md" variant="primary" onClick={() => onDone(found)}>
            Continue <IconArrowRight />
          </Button>
        )}
      </PageFoot>
    </>
  );
}

const Done = () => <IconCheck className={styles.ok} size={14} aria-hidden="true" />;

function Facts({ access }: { access: Access }) {
  const now = useNow(30_000);
  const { repo, commit, files, login } = access;
  const environments = environmentsOf(files);
  return (
    <>
      <li>
        <Done />
        <span>
          <bdi>
            {repo.owner}/{repo.name}
          </bdi>{" "}
          can be read{login && ` as ${login}`}
        </span>
        <span className={styles.aside}>{access.private ? "private" : "public"}</span>
      </li>
      <li>
        <Done />
        <span title={commit.message}>
          At <code>{shortSha(commit.sha)}</code> “<bdi>{commit.message}</bdi>”
        </span>
        <span className={styles.aside} title={exact(commit.time)}>
          {ago(commit.time, now)}
        </span>
      </li>
      <li>
        {environments.length ? (
          <>
            <Done />
            <span>
              {plural(environments.length, "environment")},{" "}
              {plural(
                files.reduce((sum, f) => sum + f.entries, 0),
                "forward",
              )}
            </span>
          </>
        ) : (
          <>
            <Glyph name="waiting" />
            <span>No environment file here; the next step lets you choose another branch or folder</span>
          </>
        )}
      </li>
    </>
  );
}

function Failure({ fault }: { fault: Fault }) {
  return (
    <li className={styles.failure}>
      <Glyph name={fault.code === "github-not-found" ? "sign-in" : glyphOf(fault)} />
      <span role="alert" title={fault.message}>
        {sentence(fault.message)}
        {fault.hint && <small> {hintOf(fault)}</small>}
      </span>
    </li>
  );
}
