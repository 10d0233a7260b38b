import { Menu } from "@mantine/core";
import { useApp, useScreen } from "../../state/app";
import { amount } from "../../state/format";
import type { Counts } from "../../state/forwards";
import type { Filter, Grouping } from "../../state/screen";
import { Button } from "../../ui/button";
import { Glyph, type GlyphName } from "../../ui/glyph";
import { IconCheck, IconListTree } from "../../ui/icons";
import styles from "./forwards.module.css";

const filters: Array<{ filter: Filter; word: string; glyph?: GlyphName }> = [
  { filter: "all", word: "All" },
  { filter: "up", word: "Up", glyph: "ready" },
  { filter: "needs", word: "Needs you", glyph: "stalled" },
  { filter: "waiting", word: "Waiting", glyph: "waiting" },
  { filter: "off", word: "Off", glyph: "off" },
];

const groupings: Record<Grouping, string> = {
  environment: "Environment",
  namespace: "Namespace",
  context: "Context",
  tag: "Tag",
  none: "Nothing",
};

/** Which forwards are listed, and by what they are grouped. */
export function FilterBar({ counts }: { counts: Counts }) {
  const { screen } = useApp();
  const filter = useScreen((s) => s.filter);
  const grouping = useScreen((s) => s.grouping);
  return (
    <div className={styles.filters} role="toolbar" aria-label="Filter and grouping" data-part>
      {filters.map(({ filter: one, word, glyph }) => (
        <button
          key={one}
          type="button"
          className={styles.filter}
          aria-pressed={filter === one}
          onClick={() => screen.set((s) => ({ ...s, filter: one }))}
        >
          {glyph && <Glyph name={glyph} size={10} />}
          {word} <span className={styles.number}>{amount(counts[one])}</span>
        </button>
      ))}
      <span className={styles.grow} />
      <Menu position="bottom-end" width={160}>
        <Menu.Target>
          <Button variant="ghost" icon={<IconListTree />} aria-label={`Group ${groupings[grouping]}`}>
            <span className={`${styles.dim} ${styles.wide}`}>Group</span> {groupings[grouping]}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(groupings) as Grouping[]).map((by) => (
            <Menu.Item
              key={by}
              rightSection={by === grouping ? <IconCheck size={14} /> : null}
              onClick={() => screen.set((s) => ({ ...s, grouping: by }))}
            >
              {groupings[by]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
