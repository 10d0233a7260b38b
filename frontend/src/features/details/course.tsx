import type { ForwardView } from "../../backend";
import { addressOf, look, targetOf } from "../../state/forwards";
import { IconButton } from "../../ui/button";
import { IconCopy } from "../../ui/icons";
import { useActs } from "../forwards/acts";
import styles from "./details.module.css";

/** A long pod name keeps its end, which tells it from its siblings. */
function shortPod(pod: string): string {
  return pod.length > 38 ? `${pod.slice(0, 28)}…${pod.slice(-5)}` : pod;
}

/** Where it goes: local address, service, pod. */
export function Course({ f }: { f: ForwardView }) {
  const acts = useActs();
  const { host, port } = addressOf(f);
  const { name, port: remote } = targetOf(f);
  const pod = f.status.pod?.split("/").at(-1);
  return (
    <section className={styles.section}>
      <h3>Where it goes</h3>
      <ol className={styles.course}>
        <li>
          <code className={styles.grow}>
            {host}:{port}
          </code>
          <IconButton label="Copy address" shortcut="C" onClick={() => void acts.copyAddresses([f])}>
            <IconCopy />
          </IconButton>
        </li>
        <li>
          <span className={styles.grow} title={name}>
            {f.entry.workload_type ?? "service"} <b>{name}</b>
          </span>
          <code className={styles.dim}>{remote}</code>
        </li>
        {f.entry.workload_type !== "pod" && (
          <li className={pod && look(f).counts === "up" ? styles.arrived : ""}>
            <span
              className={styles.grow}
              title={[pod, f.status.leg && `over ${f.status.leg}`].filter(Boolean).join(", ")}
            >
              {pod ? `pod ${shortPod(pod)}` : "a ready pod, when somebody connects"}
            </span>
          </li>
        )}
      </ol>
    </section>
  );
}
