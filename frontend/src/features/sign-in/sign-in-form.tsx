import { Autocomplete, Checkbox, PasswordInput } from "@mantine/core";
import { useState } from "react";
import type { View } from "../../backend";
import { useApp, useView } from "../../state/app";
import { useAsked, useAttempt } from "../../state/asked";
import { Button } from "../../ui/button";
import { IconExternalLink } from "../../ui/icons";
import { Gap } from "../../ui/page";
import { Trouble } from "../../ui/trouble";
import { type Code, DeviceStart, DeviceWait } from "./device-sign-in";
import styles from "./sign-in.module.css";
import { hasApp, lookOf, newTokenUrl } from "./token-words";

type Account = View["accounts"][number];

/** Signs in to a host: with a code where it has an app, or with a token, whose account the host tells before it is kept. */
export function SignInForm({
  host: given = "github.com",
  repository,
  renews,
  thisRun: atFirst = false,
  onCancel,
  onDone,
}: {
  host?: string;
  /** What it is for, where the host is no choice any more. */
  repository?: { owner: string; name: string };
  /** The account whose token is replaced. */
  renews?: string;
  /** Whether the token is kept out of the keychain, unless a person says otherwise. */
  thisRun?: boolean;
  onCancel?: () => void;
  onDone: (account: Account) => void;
}) {
  const { backend, host: surroundings } = useApp();
  const sources = useView((view) => view.sources);
  const { busy, fault, attempt, forget } = useAttempt();
  const [host, setHost] = useState(given);
  const [token, setToken] = useState("");
  const [thisRun, setThisRun] = useState(atFirst);
  const [code, setCode] = useState<Code>();
  const hosts = [...new Set(["github.com", ...sources.map((s) => s.repo.host)])];
  const owners = repository
    ? [repository.owner]
    : [...new Set(sources.filter((s) => s.repo.host === host.trim()).map((s) => s.repo.owner))];
  const look = lookOf(token);
  const clients = useAsked(backend.settings).answer?.find((s) => s.name === "github_client_id")?.value;
  const missing = !host.trim()
    ? "Say which host it is for"
    : !token.trim()
      ? "Paste a token first"
      : undefined;
  const unkept = fault?.code.startsWith("keychain-");
  const send = async (thisRun: boolean) => {
    if (missing || busy) return;
    setThisRun(thisRun);
    const who = await attempt(() =>
      backend.signIn({ host: host.trim(), token: token.trim(), ...(thisRun ? { this_run: true } : {}) }),
    );
    if (!who) return;
    setToken("");
    onDone(who);
  };
  return (
    <form
      className={styles.form}
      aria-label={renews ? `Renew ${renews}` : "Sign in"}
      onSubmit={(event) => {
        event.preventDefault();
        void send(thisRun);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || !onCancel) return;
        event.preventDefault();
        onCancel();
      }}
    >
      {!repository && (
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
              setCode(undefined);
              forget();
            }}
          />
        </div>
      )}
      {code ? (
        <div className={styles.field}>
          <span className={styles.label}>Code</span>
          <div>
            <DeviceWait code={code} host={host.trim()} done={onDone} over={() => setCode(undefined)} />
          </div>
        </div>
      ) : (
        <>
          {hasApp(clients, host.trim()) && (
            <div className={styles.field}>
              <span className={styles.label}>Code</span>
              <div>
                <DeviceStart key={host.trim()} host={host.trim()} got={setCode} />
              </div>
            </div>
          )}
          <div className={styles.field}>
            <label htmlFor="account-token">Token</label>
            <div>
              <PasswordInput
                id="account-token"
                value={token}
                autoFocus={!!onCancel}
                autoComplete="off"
                spellCheck={false}
                error={!!fault && !unkept}
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
                    A fine-grained token for{" "}
                    {repository ? (
                      <bdi>
                        {repository.owner}/{repository.name}
                      </bdi>
                    ) : (
                      "the one repository"
                    )}
                    , with Contents: read and an end, is enough.{" "}
                    <Button
                      variant="link"
                      icon={<IconExternalLink />}
                      onClick={() =>
                        surroundings.open(
                          newTokenUrl(
                            host.trim() || "github.com",
                            owners.length === 1 ? owners[0] : undefined,
                          ),
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
        </>
      )}
      {fault && (
        <Trouble fault={fault}>
          {unkept && <Button onClick={() => void send(true)}>Keep it until Portolan ends</Button>}
        </Trouble>
      )}
      <footer className={styles.buttons}>
        <Gap status>{busy && "Asking whose token it is; the keychain may ask for its password"}</Gap>
        {code && <Button onClick={() => setCode(undefined)}>Use a token instead</Button>}
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
        {!code && (
          <Button variant="primary" type="submit" busy={busy} disabled={missing}>
            {renews ? "Check and replace" : "Check and sign in"}
          </Button>
        )}
      </footer>
    </form>
  );
}
