import { MantineProvider } from "@mantine/core";
import { Welcome } from "./features/welcome/welcome";
import { styleNonce } from "./style/nonce";
import { cssVariables, theme } from "./style/theme";

/** The whole front end. It follows the system between light and dark. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <Welcome />
    </MantineProvider>
  );
}
