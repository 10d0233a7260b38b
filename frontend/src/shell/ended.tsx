import mark from "../ui/app-mark.svg";
import styles from "./shell.module.css";

/** A page in a browser whose session is over: it says how to get a new link. */
export function Ended() {
  return (
    <main className={styles.ended}>
      <img src={mark} alt="" width={40} height={40} />
      <h1>This link is used up</h1>
      <p>A link opens one tab, within a minute, and until Portolan ends. Forwards are not affected.</p>
      <p>Get a new link in the terminal where Portolan runs:</p>
      <code className={styles.command}>portolan web</code>
    </main>
  );
}
