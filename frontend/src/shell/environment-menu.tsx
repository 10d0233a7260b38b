import { Menu } from "@mantine/core";
import { useActs } from "../features/forwards/acts";
import { useApp, useScreen, useView } from "../state/app";
import { plural } from "../state/format";
import { placeKey, switches } from "../state/forwards";
import { IconPlayerPlay, IconPlayerStop, IconPlus } from "../ui/icons";
import { MenuAnchor } from "../ui/menu-anchor";

/** What can be done with all of an environment, from the sidebar; there is one menu for all of them. */
export function EnvironmentMenu() {
  const menu = useScreen((s) => s.placeMenu);
  return menu ? <Opened {...menu} key={placeKey(menu.source, menu.environment)} /> : null;
}

function Opened({
  source,
  environment,
  x,
  y,
}: {
  source: string;
  environment: string;
  x: number;
  y: number;
}) {
  const { screen } = useApp();
  const acts = useActs();
  const forwards = useView((view) => view.forwards);
  const here = forwards.filter((f) => f.source === source && f.environment === environment);
  const { off, on } = switches(here);
  return (
    <Menu
      opened
      onClose={() => screen.set(({ placeMenu: _, ...s }) => s)}
      position="bottom-start"
      width={232}
      returnFocus
    >
      <Menu.Target>
        <MenuAnchor label={`Menu of ${environment}`} x={x} y={y} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPlayerPlay size={14} />}
          disabled={!off.length}
          onClick={() => acts.start(off)}
        >
          Start {off.length ? plural(off.length, "forward") : "all"}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconPlayerStop size={14} />}
          disabled={!on.length}
          onClick={() => acts.stop(on)}
        >
          Stop {on.length ? plural(on.length, "forward") : "all"}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => acts.create(environment)}>
          New forward…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
