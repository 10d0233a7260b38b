import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import type { Door } from "./backend";
import { Shell } from "./shell/shell";
import { AppProvider } from "./state/app";
import controls from "./style/controls.module.css";
import { styleNonce } from "./style/nonce";
import { cssVariables, theme } from "./style/theme";

/** The whole front end on a door. It follows the system between light and dark, unless a person chose. */
export function App({ door }: { door: Door }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <Notifications
        position="bottom-center"
        limit={4}
        zIndex={199} // below dialogs, whose buttons they would cover
        classNames={{ root: controls.toasts ?? "" }}
      />
      <AppProvider door={door}>
        <Shell />
      </AppProvider>
    </MantineProvider>
  );
}
