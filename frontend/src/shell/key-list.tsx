import { useActs } from "../features/forwards/acts";
import { DialogHead } from "../ui/dialog";
import { Keys } from "../ui/parts";
import styles from "./key-list.module.css";
import { keyMap } from "./keys";

/** All keys, behind ?. */
export function KeyList() {
  const { closeDialog } = useActs();
  return (
    <>
      <DialogHead title="All keys" onClose={closeDialog} />
      <dl className={styles.list}>
        {keyMap.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              <Keys of={keys} />
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
