import { IconButton } from "./button";
import { IconSearch, IconX } from "./icons";
import { Keys } from "./parts";
import styles from "./search-field.module.css";

interface Props {
  /** What / focuses. */
  id: string;
  /** Its name, which is also what stands in it while it is empty: "Search forwards". */
  label: string;
  text: string;
  onChange: (text: string) => void;
  onFocus?: () => void;
  /** Goes on to what was found: Enter, or the arrow down. */
  onLeave?: () => void;
}

/** The search of a page, at the right end of its bar. Esc empties it, and then leaves it. */
export function SearchField({ id, label, text, onChange, onFocus, onLeave }: Props) {
  return (
    <div className={styles.search}>
      <IconSearch aria-hidden="true" />
      <input
        id={id}
        type="text"
        value={text}
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        onFocus={onFocus}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            if (text) onChange("");
            else event.currentTarget.blur();
          } else if (onLeave && (event.key === "ArrowDown" || event.key === "Enter")) onLeave();
          else return;
          event.preventDefault();
        }}
      />
      {text ? (
        <IconButton label="Clear the search" shortcut="Esc" onClick={() => onChange("")}>
          <IconX />
        </IconButton>
      ) : (
        <Keys of="/" />
      )}
    </div>
  );
}
