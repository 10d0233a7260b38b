import { Menu } from "@mantine/core";
import type { ForwardView } from "../../backend";
import { useApp, useScreen } from "../../state/app";
import { amount } from "../../state/format";
import { wanted } from "../../state/forwards";
import { Button } from "../../ui/button";
import { IconCopy, IconDots, IconPlayerPlay, IconPlayerStop, IconStar } from "../../ui/icons";
import { Keys } from "../../ui/parts";
import { useActs } from "./acts";
import styles from "./forwards.module.css";

/** What can be done with several at once; it floats over the list while some are selected. */
export function BulkBar({ shown }: { shown: ForwardView[] }) {
  const { screen } = useApp();
  const acts = useActs();
  const selected = useScreen((s) => s.selected);
  const picked = shown.filter((f) => selected.has(f.id));
  if (!picked.length) return null;
  const off = picked.filter((f) => !wanted(f));
  const on = picked.filter(wanted);
  const marked = picked.every((f) => f.local.favourite);
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Selected forwards" data-part data-floats>
      <b role="status">{amount(picked.length)} selected</b>
      <span className={styles.separator} />
      {off.length > 0 && (
        <Button variant="ghost" icon={<IconPlayerPlay />} onClick={() => acts.start(off)}>
          Start {amount(off.length)}
        </Button>
      )}
      {on.length > 0 && (
        <Button variant="ghost" icon={<IconPlayerStop />} onClick={() => acts.stop(on)}>
          Stop {amount(on.length)}
        </Button>
      )}
      <Button variant="ghost" icon={<IconCopy />} onClick={() => void acts.copyAddresses(picked)}>
        Copy addresses
      </Button>
      <span className={styles.wide}>
        <Button variant="ghost" icon={<IconStar />} onClick={() => acts.favourite(picked, !marked)}>
          {marked ? "Not a favourite" : "Favourite"}
        </Button>
      </span>
      <Menu position="top">
        <Menu.Target>
          <Button variant="ghost" icon={<IconDots />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => acts.favourite(picked, !marked)}>
            {marked ? "Not a favourite" : "Favourite"}
          </Menu.Item>
          <Menu.Item onClick={() => void acts.export(picked)}>Copy as an environment file</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span className={styles.separator} />
      <Button variant="ghost" onClick={() => screen.set((s) => ({ ...s, selected: new Set() }))}>
        Clear <Keys of="Esc" />
      </Button>
    </div>
  );
}
