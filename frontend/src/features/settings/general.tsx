import { type MantineColorScheme, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import type { Setting } from "../../backend";
import type { Asked } from "../../state/asked";
import { say } from "../../state/intent";
import { Missing, Section } from "./section";
import { found } from "./sections";
import { SettingRow } from "./setting-row";
import { type Group, wordsOf } from "./setting-words";
import styles from "./settings.module.css";

const groups: Array<[group: Group, title: string]> = [
  ["start", "Start and looks"],
  ["forwards", "Forwards"],
  ["notifications", "Notifications"],
  ["more", "More"],
];

/** Every setting that the engine has, and how this window looks. */
export function General({ asked, search }: { asked: Asked<Setting[]>; search: string }) {
  const { answer, fault, again, put } = asked;
  const changed = (now: Setting) => put((all) => all.map((s) => (s.name === now.name ? now : s)));
  const wanted = (setting: Setting) => {
    const { label, help } = wordsOf(setting);
    return found(search, "general", label, help, setting.name, setting.help);
  };
  const rows = (group: Group): ReactNode[] => [
    ...(answer ?? [])
      .filter((s) => wordsOf(s).group === group && wanted(s))
      .map((s) => <SettingRow key={s.name} setting={s} changed={changed} />),
    ...(group === "start" && found(search, themeWords) ? [<Theme key="theme" />] : []),
  ];
  return (
    <Section id="general" note="A change applies at once.">
      {!answer && <Missing fault={fault} again={again} what="the settings" rows={5} />}
      {groups.map(([group, title]) => {
        const inside = rows(group);
        return (
          inside.length > 0 && (
            <fieldset key={group} className={styles.group}>
              <legend>{title}</legend>
              <div className={styles.card}>{inside}</div>
            </fieldset>
          )
        );
      })}
    </Section>
  );
}

/** What the search finds the theme by. */
const themeWords = "general appearance theme light dark auto colours";

/** Reports whether the search finds something of this part. */
export function inGeneral(search: string, settings: Setting[] | undefined): boolean {
  return (
    found(search, themeWords) ||
    (settings ?? []).some((s) => {
      const { label, help } = wordsOf(s);
      return found(search, "general", label, help, s.name, s.help);
    })
  );
}

const schemes = { auto: "as the system", light: "light", dark: "dark" };

/** Light or dark: of this window alone, so the engine does not know of it. */
function Theme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const put = (scheme: MantineColorScheme) => {
    setColorScheme(scheme);
    say(`Appearance: ${schemes[scheme]}`, () => setColorScheme(colorScheme));
  };
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.about}>
          <div id="settings-theme">Appearance</div>
          <div className={styles.under}>
            <span>Of this window; auto follows the system</span>
          </div>
        </div>
        <SegmentedControl
          className={styles.segments ?? ""}
          aria-labelledby="settings-theme"
          value={colorScheme}
          onChange={(value) => put(value as MantineColorScheme)}
          data={[
            { value: "auto", label: "Auto" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
      </div>
    </div>
  );
}
