import { Skeleton, Spoken } from "../../ui/parts";
import styles from "./list.module.css";

/** Rows of a list that is not there yet; they show after 200 ms. */
export function Loading() {
  return (
    <div className={styles.list} aria-busy="true">
      <Spoken>Reading the forwards</Spoken>
      {Array.from({ length: 12 }, (_, i) => (
        <div key={i} className={styles.row}>
          <span />
          <Skeleton width={12} />
          <Skeleton width={`${48 + ((i * 29) % 40)}%`} />
          <span className={styles.target}>
            <Skeleton width={`${40 + ((i * 17) % 40)}%`} />
          </span>
          <Skeleton width={100} />
          <Skeleton width="60%" />
        </div>
      ))}
    </div>
  );
}
