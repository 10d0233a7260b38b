import type { MantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import type { ForwardView, View } from "../../backend";
import { mod } from "../../shell/keys";
import { plural } from "../../state/format";
import { nameOf, places, switches } from "../../state/forwards";
import { go } from "../../state/route";
import {
  IconArrowBackUp,
  IconCopy,
  IconFileImport,
  IconHistory,
  IconKeyboard,
  IconMoon,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconRefresh,
  IconSettings,
  IconStack,
  IconSun,
  IconSunMoon,
} from "../../ui/icons";
import { Mark } from "../../ui/parts";
import type { Acts } from "../forwards/acts";

/** Something that the palette can do. */
export interface Command {
  name: string;
  icon: ReactNode;
  keys?: string;
  aside?: ReactNode;
  act: () => unknown;
}

/** All that can be done now. */
export function commands(acts: Acts, view: View): Command[] {
  const { on } = switches(view.forwards);
  return [
    { name: "Sync now", icon: <IconRefresh size={16} />, keys: `${mod} R`, act: () => acts.sync([]) },
    {
      name: view.paused ? "Resume syncing" : "Pause syncing",
      icon: view.paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />,
      aside: plural(view.sources.length, "source"),
      act: () => acts.pause(!view.paused),
    },
    { name: "New forward", icon: <IconPlus size={16} />, keys: `${mod} N`, act: () => acts.create() },
    ...(view.undo
      ? [
          {
            name: `Undo: ${view.undo.text}`,
            icon: <IconArrowBackUp size={16} />,
            keys: `${mod} Z`,
            act: () => acts.undo(view.undo),
          },
        ]
      : []),
    { name: "Changes", icon: <IconHistory size={16} />, act: () => go({ page: "changes" }) },
    {
      name: "Settings",
      icon: <IconSettings size={16} />,
      keys: `${mod} ,`,
      act: () => go({ page: "settings", section: "general" }),
    },
    { name: "All forwards", icon: <IconStack size={16} />, act: () => go({ page: "all" }) },
    { name: "Add a source", icon: <IconPlus size={16} />, act: () => go({ page: "add" }) },
    { name: "Import forwards", icon: <IconFileImport size={16} />, act: acts.import },
    ...(on.length
      ? [
          {
            name: "Stop everything",
            icon: <IconPlayerStop size={16} />,
            aside: `${on.length} up`,
            act: () => acts.stop(on),
          },
        ]
      : []),
    { name: "All keys", icon: <IconKeyboard size={16} />, keys: "?", act: acts.keys },
    ...places(view.sources).flatMap(({ source, environment, hue }, i) => {
      const here = view.forwards.filter(
        (f) => f.source === source.name && f.environment === environment.name,
      );
      const { off } = switches(here);
      const to = () => go({ page: "environment", source: source.name, environment: environment.name });
      return [
        {
          name: `Go to ${environment.name}`,
          icon: <Mark hue={hue} />,
          ...(i < 9 ? { keys: `${mod} ${i + 1}` } : {}),
          act: to,
        },
        ...(off.length
          ? [
              {
                name: `Start all in ${environment.name}`,
                icon: <IconPlayerPlay size={16} />,
                aside: `${off.length} off`,
                act: () => acts.start(off),
              },
            ]
          : []),
      ];
    }),
  ];
}

/** What can be done with what was found: the address of the first, all of a namespace that was named. */
export function about(acts: Acts, found: ForwardView[], text: string): Command[] {
  const [first] = found;
  if (!text || !first) return [];
  const { namespace = "" } = found.find((f) => f.entry.namespace?.toLowerCase().includes(text))?.entry ?? {};
  const { off } = switches(namespace ? found.filter((f) => f.entry.namespace === namespace) : []);
  return [
    {
      name: `Copy address of ${nameOf(first)}`,
      icon: <IconCopy size={16} />,
      act: () => acts.copyAddresses([first]),
    },
    ...(off.length
      ? [
          {
            name: `Start what is off in namespace ${namespace}`,
            icon: <IconPlayerPlay size={16} />,
            aside: `${off.length} off`,
            act: () => acts.start(off),
          },
        ]
      : []),
  ];
}

/** Light, dark, or as the system has it; the choice stays with this window. */
export function themes(now: MantineColorScheme, set: (scheme: MantineColorScheme) => void): Command[] {
  const names = { auto: "as the system", light: "light", dark: "dark" } as const;
  return (["auto", "light", "dark"] as const).map((scheme) => ({
    name: `Theme: ${names[scheme]}`,
    icon: { auto: <IconSunMoon size={16} />, light: <IconSun size={16} />, dark: <IconMoon size={16} /> }[
      scheme
    ],
    aside: scheme === now ? "now" : undefined,
    act: () => set(scheme),
  }));
}
