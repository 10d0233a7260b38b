import { Popover } from "@mantine/core";
import { useState } from "react";
import { useView } from "../state/app";
import { ago, exact, sentence } from "../state/format";
import { IconButton } from "../ui/button";
import { IconBell } from "../ui/icons";
import styles from "./sidebar.module.css";

/** What a person is asked for now, outside of this window, and what happened by itself since the agent started. */
export function NoticeBell() {
  const notices = useView((view) => view.notices);
  const asking = useView((view) => view.asking);
  const [open, setOpen] = useState(false);
  const [read, setRead] = useState(0);
  const fresh = !!asking || notices.length > read;
  return (
    <Popover opened={open} onChange={setOpen} position="top-start" width={360} trapFocus>
      <Popover.Target>
        <IconButton
          label={fresh ? "Notices, new ones" : "Notices"}
          size="sm"
          className={fresh ? styles.fresh : ""}
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
            setRead(notices.length);
          }}
        >
          <IconBell />
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ol className={styles.notices} tabIndex={-1}>
          {asking && (
            <li>
              <b>{sentence(asking)}</b>
              <span>now</span>
            </li>
          )}
          {notices.length === 0 && !asking && <li>Nothing happened by itself.</li>}
          {[...notices].reverse().map((n) => (
            <li key={n.at + n.code}>
              <span title={n.message}>{sentence(n.message)}</span>
              <time title={exact(n.at)}>{ago(n.at, Date.now())}</time>
            </li>
          ))}
        </ol>
      </Popover.Dropdown>
    </Popover>
  );
}
