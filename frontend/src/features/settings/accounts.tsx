import { useRef, useState } from "react";
import type { Fault } from "../../backend";
import { useApp, useView } from "../../state/app";
import { useAttempt } from "../../state/asked";
import { exact, plural, sentence } from "../../state/format";
import { say } from "../../state/intent";
import { useNow } from "../../state/now";
import { Button, IconButton } from "../../ui/button";
import { IconClock, IconKey, IconPlus, IconUser, IconX } from "../../ui/icons";
import { Chip } from "../../ui/parts";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import { SignInForm } from "../sign-in/sign-in-form";
import {
  expiry,
  fromText,
  isGiven,
  kindText,
  type Account as Login,
  sourcesOf,
  tooMuch,
} from "./account-words";
import { Section } from "./section";
import styles from "./settings.module.css";

/** Go writes a list that was never filled as null. */
const none: Login[] = [];

const keyOf = (a: Login) => `${a.host}/${a.login}/${a.from ?? ""}`;

/** Who is signed in where, with what kind of token, and until when. */
export function Accounts() {
  const accounts = useView((view) => view.accounts ?? none);
  const [adding, setAdding] = useState<Partial<Login>>();
  const add = useRef<HTMLButtonElement>(null);
  // The account is gone when its token turns out to be still there: so it is said here, and not in its row.
  const [left, setLeft] = useState<{ who: string; fault: Fault }>();
  const close = () => {
    setAdding(undefined);
    add.current?.focus();
  };
  return (
    <Section
      id="accounts"
      actions={
        <Button
          ref={add}
          icon={<IconPlus />}
          aria-expanded={!!adding}
          onClick={() => setAdding(adding ? undefined : {})}
        >
          Add account
        </Button>
      }
    >
      {adding && (
        <div className={styles.apart}>
          <SignInForm
            key={`${adding.host}/${adding.login}`}
            {...(adding.host ? { host: adding.host } : {})}
            {...(adding.login ? { renews: adding.login } : {})}
            thisRun={adding.from === "this run"}
            onCancel={close}
            onDone={({ host, login }) => {
              close();
              const kept =
                adding.login && adding.login !== login ? `; ${adding.login} keeps its old token` : "";
              say(`Signed in to ${host} as ${login}${kept}`);
            }}
          />
        </div>
      )}
      {left && (
        <div className={styles.apart}>
          <Trouble
            fault={{
              ...left.fault,
              message: `${left.who} is signed out, but the token may still be in the keychain: ${left.fault.message}`,
            }}
          >
            <IconButton label="Dismiss" onClick={() => setLeft(undefined)}>
              <IconX />
            </IconButton>
          </Trouble>
        </div>
      )}
      <div className={styles.card}>
        {accounts.length === 0 && (
          <p className={styles.empty}>No account yet. Public repositories need none.</p>
        )}
        {accounts.map((account) => (
          <Account
            key={keyOf(account)}
            account={account}
            renew={() => setAdding(account)}
            gone={(fault) => setLeft({ who: account.login, fault })}
          />
        ))}
      </div>
    </Section>
  );
}

function Account({
  account,
  renew,
  gone,
}: {
  account: Login;
  renew: () => void;
  gone: (left: Fault) => void;
}) {
  const { backend } = useApp();
  const { ask } = useActs();
  const { busy, fault, attempt } = useAttempt();
  const sources = useView((view) => view.sources);
  const accounts = useView((view) => view.accounts ?? none);
  const end = expiry(account, useNow(60_000));
  const { host, login } = account;
  const mine = sourcesOf(account, sources, accounts);
  const signOut = async (forget: boolean) => {
    const out = await attempt(() => backend.signOut({ host, login, forget }));
    if (out?.left) gone(out.left);
    else if (out) say(`Signed out ${out.login} from ${out.host}`);
  };
  const question = () =>
    ask({
      title: `Sign out ${login}?`,
      tone: "wait",
      icon: "trash",
      text: "The token leaves this computer. It stays valid until it is revoked on the host.",
      facts: [
        ["host", host],
        ["used for", mine.map((s) => `${s.repo.owner}/${s.repo.name}`).join(", ") || "no source"],
      ],
      yes: "Sign out",
      act: () => signOut(false),
    });
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <IconUser className={styles.icon} aria-hidden="true" />
        <div className={styles.about}>
          <div className={styles.names}>
            <b title={login}>
              <bdi>{login || "Unknown"}</bdi>
            </b>
            <bdi className={styles.faint} title={host}>
              {host}
            </bdi>
            {kindText(account) && <Chip>{kindText(account)}</Chip>}
            {end && (
              <Chip tone={end.tone} icon={<IconClock />} title={exact(account.expires)}>
                {end.text}
              </Chip>
            )}
          </div>
          <AccountLine account={account} sources={mine} renew={renew} />
        </div>
        {!isGiven(account) && (
          <>
            {!tooMuch(account).length && (
              <Button icon={<IconKey />} onClick={renew} aria-label={`Renew ${login}`}>
                Renew
              </Button>
            )}
            <Button busy={busy} onClick={question} aria-label={`Sign out ${login}`}>
              Sign out
            </Button>
          </>
        )}
      </div>
      {fault && (
        <Trouble fault={fault}>
          <Button busy={busy} onClick={() => void signOut(false)}>
            Try again
          </Button>
          {fault.code.startsWith("keychain-") && (
            <Button busy={busy} title="The token stays in the keychain" onClick={() => void signOut(true)}>
              Forget it here
            </Button>
          )}
        </Trouble>
      )}
    </div>
  );
}

/** What an account is used for, or what is wrong with it. */
function AccountLine({
  account,
  sources,
  renew,
}: {
  renew: () => void;
  account: Login;
  sources: ReturnType<typeof sourcesOf>;
}) {
  const more = tooMuch(account);
  const from = fromText(account);
  if (more.length) {
    return (
      <p className={styles.warning}>
        Can do more than read (<bdi>{more.join(", ")}</bdi>); syncing needs only Contents: read.{" "}
        {isGiven(account) ? (
          `${from}: replace it there.`
        ) : (
          <Button variant="link" onClick={renew}>
            Replace with a narrower one
          </Button>
        )}
      </p>
    );
  }
  const quota = sources.map((s) => s.status.quota).find((q) => q?.limit);
  const names = sources.slice(0, 3).map((s) => `${s.repo.owner}/${s.repo.name}`);
  const parts = [
    names.length
      ? `Reads ${names.join(", ")}${sources.length > 3 ? ` and ${plural(sources.length - 3, "other")}` : ""}`
      : "Used by no source",
    quota
      ? `${quota.left.toLocaleString("en")} of ${quota.limit.toLocaleString("en")} requests left this hour`
      : "",
    from ? (isGiven(account) ? `${sentence(from).slice(0, -1)}: replace it there` : from) : "",
  ];
  return (
    <p className={styles.second}>
      <bdi>{parts.filter(Boolean).join(" · ")}</bdi>
    </p>
  );
}
