import { BeforeAfter } from "../../ui/parts";
import styles from "./changes.module.css";
import type { ShownField } from "./revisions";

/** Fields before and after, each by its name in the file. */
export function FieldLines({ fields }: { fields: ShownField[] }) {
  if (!fields.length) return null;
  return (
    <dl className={styles.fields}>
      {fields.map(({ name, ...sides }) => (
        <div key={name}>
          <dt title={name}>{name}</dt>
          <dd>
            <BeforeAfter {...sides} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
