import { useEffect, useState } from "react";
import { asFault, type Fault } from "../../backend";
import { useApp } from "../../state/app";
import { countdown } from "../../state/format";
import { say } from "../../state/intent";
import { useNow } from "../../state/now";
import { Button } from "../../ui/button";
import { IconCopy, IconExternalLink, IconKey } from "../../ui/icons";
import { useActs } from "../forwards/acts";
import { Trouble } from "./section";
import styles from "./settings.module.css";
import { useAttempt } from "./use-asked";

type Code = Awaited<ReturnType<ReturnType<typeof useApp>["backend"]["device"]>>;

/** Signs in with a code that is entered at the host: no token passes through anybody's hands. */
export function DeviceSignIn({ host, done }: { host: string; done: () => void }) {
  const { backend } = useApp();
  const { busy, fault, attempt } = useAttempt();
  const [code, setCode] = useState<Code>();
  if (code) return <Waiting code={code} host={host} done={done} over={() => setCode(undefined)} />;
  return (
    <>
      <div className={styles.buttons}>
        <Button
          icon={<IconKey />}
          busy={busy}
          onClick={async () => setCode(await attempt(() => backend.device(host)))}
        >
          Sign in with a code
        </Button>
        <span className={styles.second}>No token to make or to paste; or paste one:</span>
      </div>
      {fault && <Trouble fault={fault} />}
    </>
  );
}

/** The code, until it was entered. */
function Waiting({
  code,
  host,
  done,
  over,
}: {
  code: Code;
  host: string;
  done: () => void;
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
        say(`Signed in to ${who.host} as ${who.login}`);
        done();
      },
      (thrown) => !waiting.signal.aborted && setFault(asFault(thrown)),
    );
    return () => waiting.abort();
    // The wait is of the code, whoever is told in the end.
  }, [backend, code.id]);
  return (
    <>
      <div className={styles.buttons}>
        <code className={styles.code} title="The code">
          {code.user_code}
        </code>
        <Button icon={<IconCopy />} onClick={() => void copy(code.user_code, "the code")}>
          Copy
        </Button>
        <Button icon={<IconExternalLink />} onClick={() => surroundings.open(code.verification_uri)}>
          Open {host}
        </Button>
        <Button variant="ghost" onClick={over}>
          Use a token instead
        </Button>
      </div>
      {fault ? (
        <Trouble fault={fault}>
          <Button onClick={over}>Begin again</Button>
        </Trouble>
      ) : (
        <p className={styles.second} role="status">
          Enter the code there, and the account appears here. It ends in{" "}
          <span aria-hidden="true">{countdown(code.expires_at, now)}</span>.
        </p>
      )}
    </>
  );
}
