import { Menu } from "@mantine/core";
import { useScreen, useView } from "../../state/app";
import { nameOf, urlOf, wanted } from "../../state/forwards";
import { MenuAnchor } from "../../ui/menu-anchor";
import { useActs } from "./acts";

/** The menu of one row; there is one for all, where the row's button is. */
export function RowMenu() {
  const menu = useScreen((s) => s.menu);
  const forward = useView((view) => (menu ? view.forwards.find((f) => f.id === menu.id) : undefined));
  const acts = useActs();
  if (!menu || !forward) return null;
  const close = () => {
    acts.closeMenu();
    document.querySelector<HTMLElement>('[role="grid"]')?.focus({ preventScroll: true });
  };
  const mine = forward.source === "mine";
  return (
    <Menu opened onClose={close} position="bottom-end" width={232} returnFocus={false}>
      <Menu.Target>
        <MenuAnchor label={`Menu of ${nameOf(forward)}`} x={menu.x} y={menu.y} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item rightSection="Space" onClick={() => acts.toggle(forward)}>
          {wanted(forward) ? "Stop" : "Start"}
        </Menu.Item>
        <Menu.Item rightSection="Enter" onClick={() => acts.details(forward.id)}>
          Details
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item rightSection="C" onClick={() => void acts.copyAddresses([forward])}>
          Copy address
        </Menu.Item>
        <Menu.Item onClick={() => void acts.copyKubectl(forward)}>Copy as kubectl</Menu.Item>
        <Menu.Item rightSection="O" disabled={!urlOf(forward)} onClick={() => acts.open(forward)}>
          Open in browser
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item rightSection="F" onClick={() => acts.favourite([forward], !forward.local.favourite)}>
          {forward.local.favourite ? "Not a favourite" : "Favourite"}
        </Menu.Item>
        <Menu.Item rightSection="E" onClick={() => acts.edit(forward)}>
          Edit…
        </Menu.Item>
        <Menu.Item onClick={() => acts.copyAsMine(forward)}>Copy to My forwards…</Menu.Item>
        {mine && (
          <Menu.Item rightSection="Del" onClick={() => acts.remove(forward)}>
            Remove
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
