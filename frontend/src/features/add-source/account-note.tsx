import { Glyph } from "../../ui/glyph";
import { IconCheck } from "../../ui/icons";
import { type Account, accountNotes } from "./account-notes";
import styles from "./add-source.module.css";

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
