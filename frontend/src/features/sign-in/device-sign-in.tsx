import { useEffect, useState } from "react";
import { asFault, type Fault, type View } from "../../backend";
import { useApp } from "../../state/app";
import { useAttempt } from "../../state/asked";
import { countdown } from "../../state/format";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { IconCopy, IconExternalLink, IconKey } from "../../ui/icons";
import { Trouble } from "../../ui/trouble";
import { useActs } from "../forwards/acts";
import styles from "./sign-in.module.css";

type Account = View["accounts"][number];

/** A code that a person enters at a host, and until when. */
export type Code = Awaited<ReturnType<ReturnType<typeof useApp>["backend"]["device"]>>;

/** Begins to sign in with a code that is entered at the host: no token passes through anybody's hands. */
export function DeviceStart({ host, got }: { host: string; got: (code: Code) => void }) {
  const { backend } = useApp();
  const { busy, fault, attempt } = useAttempt();
  return (
    <>
      <div className={styles.way}>
        <Button
          icon={<IconKey />}
          busy={busy}
          onClick={async () => {
            const code = await attempt(() => backend.device(host));
            if (code) got(code);
          }}
        >
          Sign in with a code
        </Button>
        <span className={styles.second}>You enter it at {host}; there is no token to make.</span>
      </div>
      {fault && <Trouble fault={fault} />}
    </>
  );
}

/** The code, until it was entered. */
export function DeviceWait({
  code,
  host,
  done,
  over,
}: {
  code: Code;
  host: string;
  done: (who: Account) => void;
  over: () => void;
}) {
  const { backend, host: surroundings } = useApp();
  const { copy } = useActs();
  const now = useNow();
  const [fault, setFault] = useState<Fault>();
  useEffect(() => {
    const waiting = new AbortController();
    backend.deviceWait(code.id, waiting.signal).then(
      (who) => {
        if (waiting.signal.aborted) return;
        done(who);
      },
      (thrown) => !waiting.signal.aborted && setFault(asFault(thrown)),
    );
    return () => waiting.abort();
    // The wait is of the code, whoever is told in the end.
  }, [backend, code.id]);
  if (fault)
    return (
      <Trouble fault={fault}>
        <Button onClick={over}>Begin again</Button>
      </Trouble>
    );
  return (
    <>
      <div className={styles.way}>
        <code className={styles.code} title="The code">
          {code.user_code}
        </code>
        <Button icon={<IconCopy />} onClick={() => void copy(code.user_code, "the code")}>
          Copy
        </Button>
        <Button
          variant="primary"
          icon={<IconExternalLink />}
          onClick={() => surroundings.open(code.verification_uri)}
        >
          Open {host}
        </Button>
      </div>
      <p className={styles.second} role="status">
        Enter the code there, and the account appears here. It ends in{" "}
        <span aria-hidden="true">{countdown(code.expires_at, now)}</span>.
      </p>
    </>
  );
}
