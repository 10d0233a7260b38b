import { Spotlight } from "@mantine/spotlight";

/** Everything by name: Ctrl K. */
export function Palette() {
  return <Spotlight actions={[]} shortcut={null} />;
}
