import { Menu } from "@mantine/core";
import type { SourceView } from "../../backend";
import { useApp, useView } from "../../state/app";
import { usePending } from "../../state/intent";
import { Button, IconButton } from "../../ui/button";
import {
  IconBrandGithub,
  IconCopy,
  IconDots,
  IconGitCommit,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTrash,
} from "../../ui/icons";
import { Gap, Note, PageBar } from "../../ui/page";
import { homeOf } from "../add-source/link";
import { useActs } from "../forwards/acts";
import { useSourceActs } from "./source-acts";

/** The head of the page of a source: what it is, and what can be done with it. */
export function SourceBar({ source }: { source: SourceView }) {
  const { host } = useApp();
  const acts = useActs();
  const own = useSourceActs();
  const paused = useView((view) => view.paused);
  const asked = usePending("sync");
  const home = homeOf(source.repo);
  return (
    <PageBar>
      <h1 title={`${source.repo.owner}/${source.repo.name}`}>
        <bdi>
          {source.repo.owner}/{source.repo.name}
        </bdi>
      </h1>
      <Note>{[source.name, source.repo.host, source.account].filter(Boolean).join(" · ")}</Note>
      <Gap />
      <Button icon={<IconGitCommit />} onClick={() => own.preview(source.name)}>
        Preview
      </Button>
      <Button
        icon={<IconRefresh />}
        busy={asked || source.status.phase === "syncing"}
        onClick={() => void acts.sync([source.name])}
      >
        Sync now
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <IconButton label="More" size="sm">
            <IconDots />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconBrandGithub size={16} />} onClick={() => host.open(home)}>
            Open the repository
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void acts.copy(home, home)}>
            Copy its address
          </Menu.Item>
          <Menu.Item
            leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => acts.pause(!paused)}
          >
            {paused ? "Let syncing go on" : "Pause syncing of all sources"}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => own.remove(source.name)}>
            Remove the source…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </PageBar>
  );
}
