import { Autocomplete, Checkbox, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { useApp, useView } from "../../state/app";
import { say } from "../../state/intent";
import { Button } from "../../ui/button";
import { IconExternalLink } from "../../ui/icons";
import { hasApp, lookOf, newTokenUrl } from "./account-words";
import { DeviceSignIn } from "./device-sign-in";
import { Trouble } from "./section";
import styles from "./settings.module.css";
import { useAsked, useAttempt } from "./use-asked";

/** A host and a token; the host is asked whose it is before it is kept. */
export function AddAccount({
  host: given,
  renews,
  thisRun: atFirst,
  close,
}: {
  host?: string;
  /** The account whose token is replaced. */
  renews?: string;
  /** Whether the token is kept out of the keychain, unless a person says otherwise. */
  thisRun: boolean;
  close: () => void;
}) {
  const { backend, host: surroundings } = useApp();
  const sources = useView((view) => view.sources);
  const { busy, fault, attempt, forget } = useAttempt();
  const [host, setHost] = useState(given ?? "github.com");
  const [token, setToken] = useState("");
  const [thisRun, setThisRun] = useState(atFirst);
  const hosts = [...new Set(["github.com", ...sources.map((s) => s.repo.host)])];
  const owners = [...new Set(sources.filter((s) => s.repo.host === host.trim()).map((s) => s.repo.owner))];
  const look = lookOf(token);
  const clients = useAsked(backend.settings).answer?.find((s) => s.name === "github_client_id")?.value;
  const missing = !host.trim()
    ? "Say which host it is for"
    : !token.trim()
      ? "Paste a token first"
      : undefined;
  const send = async () => {
    if (missing || busy) return;
    const who = await attempt(() =>
      backend.signIn({ host: host.trim(), token: token.trim(), ...(thisRun ? { this_run: true } : {}) }),
    );
    if (!who) return;
    setToken("");
    close();
    say(
      renews && who.login !== renews
        ? `Signed in to ${who.host} as ${who.login}; ${renews} keeps its old token`
        : `Signed in to ${who.host} as ${who.login}`,
    );
  };
  return (
    <form
      className={`${styles.card} ${styles.form}`}
      aria-label={renews ? `Renew ${renews}` : "Add account"}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}
    >
      <div className={styles.field}>
        <label htmlFor="account-host">Host</label>
        <Autocomplete
          id="account-host"
          data={hosts}
          value={host}
          placeholder="github.com"
          spellCheck={false}
          onChange={(value) => {
            setHost(value);
            forget();
          }}
        />
      </div>
      {hasApp(clients, host.trim()) && (
        <div className={styles.field}>
          <span />
          <div>
            <DeviceSignIn key={host.trim()} host={host.trim()} done={close} />
          </div>
        </div>
      )}
      <div className={styles.field}>
        <label htmlFor="account-token">Token</label>
        <div>
          <PasswordInput
            id="account-token"
            value={token}
            autoFocus
            autoComplete="off"
            spellCheck={false}
            error={!!fault}
            aria-describedby="account-token-look"
            onChange={(event) => {
              setToken(event.currentTarget.value);
              forget();
            }}
          />
          <p
            id="account-token-look"
            className={look?.warning ? styles.warning : styles.second}
            aria-live="polite"
          >
            {look?.kind ?? (
              <>
                A fine-grained token for the one repository, with Contents: read and an end, is enough.{" "}
                <Button
                  variant="link"
                  icon={<IconExternalLink />}
                  onClick={() =>
                    surroundings.open(
                      newTokenUrl(host.trim() || "github.com", owners.length === 1 ? owners[0] : undefined),
                    )
                  }
                >
                  Make one
                </Button>
              </>
            )}
          </p>
        </div>
      </div>
      <div className={styles.field}>
        <span />
        <Checkbox
          checked={thisRun}
          onChange={(event) => setThisRun(event.currentTarget.checked)}
          label="Only until Portolan ends: it is kept in memory, and never in the keychain"
        />
      </div>
      {fault && <Trouble fault={fault} />}
      <footer className={styles.buttons}>
        <span className={`${styles.second} ${styles.grow}`} role="status">
          {busy ? "Asking whose token it is; the keychain may ask for its password" : ""}
        </span>
        <Button onClick={close}>Cancel</Button>
        <Button variant="primary" type="submit" busy={busy} disabled={missing}>
          {renews ? "Check and replace" : "Check and sign in"}
        </Button>
      </footer>
    </form>
  );
}
