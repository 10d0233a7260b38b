import { Checkbox, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { asFault, type Fault } from "../../backend";
import { useApp } from "../../state/app";
import { hintOf, sentence } from "../../state/format";
import { Button } from "../../ui/button";
import { Glyph } from "../../ui/glyph";
import { IconCheck, IconExternalLink } from "../../ui/icons";
import { type Account, accountNotes } from "./account-notes";
import styles from "./add-source.module.css";
import { type Link, tokenPage } from "./link";

/** Signs in to the host of a repository with a token, which the host is asked about before it is kept. */
export function SignInForm({ link, onDone }: { link: Link; onDone: (account: Account) => void }) {
  const { backend, host } = useApp();
  const [token, setToken] = useState("");
  const [thisRun, setThisRun] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const submit = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const signedIn = { host: link.host, token: token.trim(), ...(thisRun ? { this_run: true } : {}) };
      onDone(await backend.signIn(signedIn));
    } catch (thrown) {
      setFault(asFault(thrown));
      setBusy(false);
    }
  };
  const page = tokenPage(link);
  return (
    <section className={styles.signIn}>
      <h2>Sign in to read it</h2>
      <p className={styles.lead}>
        Syncing only ever reads. The token stays in the system keychain, never in a file or a log.
      </p>
      <form
        className={styles.way}
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() && !busy) void submit();
        }}
      >
        <div>
          <b>Paste a token</b>
          <p>
            Least rights: fine-grained, only {link.owner}/{link.name}, <b>Contents: read</b>.{" "}
            <a
              href={page}
              onClick={(event) => {
                event.preventDefault();
                host.open(page);
              }}
            >
              Create one with these settings <IconExternalLink size={12} aria-hidden="true" />
            </a>
          </p>
        </div>
        <div className={styles.ask}>
          <PasswordInput
            className={styles.grow}
            label={`Token for ${link.host}`}
            autoComplete="off"
            spellCheck={false}
            value={token}
            error={!!fault}
            aria-describedby={fault ? "token-fault" : undefined}
            onChange={(event) => {
              setToken(event.currentTarget.value);
              setFault(undefined);
            }}
          />
          <Button
            size="md"
            type="submit"
            variant="primary"
            busy={busy}
            disabled={token.trim() ? undefined : "Paste a token first"}
          >
            Check and sign in
          </Button>
        </div>
        {fault && (
          <p id="token-fault" className={styles.bad} role="alert">
            {sentence(fault.message)} {hintOf(fault)}
          </p>
        )}
        {(thisRun || fault?.code.startsWith("keychain")) && (
          <Checkbox
            checked={thisRun}
            onChange={(event) => setThisRun(event.currentTarget.checked)}
            label="Keep it in memory until the agent ends, and not in the keychain"
          />
        )}
      </form>
    </section>
  );
}

/** Who is signed in, what the token may do, and until when. */
export function AccountNote({ account }: { account: Account }) {
  const notes = accountNotes(account, Date.now());
  return (
    <div className={styles.box} role="status">
      <IconCheck size={14} aria-hidden="true" />
      <div>
        <b>
          Signed in to {account.host} as <bdi>{account.login}</bdi>.
        </b>
        {notes.map(({ text, warn }) => (
          <p key={text} data-warn={warn || undefined}>
            {warn && <Glyph name="waiting" />}
            {text}
          </p>
        ))}
      </div>
    </div>
  );
}
