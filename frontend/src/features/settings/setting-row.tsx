import { Select, Switch, TextInput } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { asFault, type Setting } from "../../backend";
import { useApp } from "../../state/app";
import { say, sayFault } from "../../state/intent";
import { IconButton } from "../../ui/button";
import { IconArrowBackUp } from "../../ui/icons";
import { durationText, readDuration } from "./duration";
import { Trouble } from "./section";
import { valueText, type Words, wordsOf } from "./setting-words";
import styles from "./settings.module.css";
import { useAttempt } from "./use-asked";

/** One setting of the engine. A change applies at once, and can be taken back. */
export function SettingRow({ setting, changed }: { setting: Setting; changed: (now: Setting) => void }) {
  const { backend } = useApp();
  const { busy, fault, attempt, forget } = useAttempt();
  const id = useId();
  const words = wordsOf(setting);
  const shown = (value: string) => valueText(words, value, durationText);
  const put = async (value: string) => {
    const before = setting.value === setting.default ? "" : setting.value;
    const set = await attempt(() => backend.setSetting(setting.name, value));
    if (!set) return false;
    changed(set);
    if (set.value === setting.value) return true;
    say(`${words.label}: ${shown(set.value)}`, async () => {
      try {
        changed(await backend.setSetting(setting.name, before));
      } catch (thrown) {
        sayFault("Nothing was undone", asFault(thrown));
      }
    });
    return true;
  };
  return (
    <Row
      id={id}
      label={words.label}
      code={setting.name}
      help={words.help}
      below={fault && <Trouble fault={fault} />}
      restore={
        setting.value !== setting.default && (
          <IconButton label={`Back to the default: ${shown(setting.default)}`} onClick={() => void put("")}>
            <IconArrowBackUp />
          </IconButton>
        )
      }
    >
      <ControlOf
        id={id}
        words={words}
        value={setting.value}
        wrong={!!fault}
        busy={busy}
        put={put}
        forget={forget}
      />
    </Row>
  );
}

/** A line of a card: plain words, the key in mono under them, and the control at the right. */
function Row({
  id,
  label,
  code,
  help,
  restore,
  below,
  children,
}: {
  id: string;
  label: string;
  code?: string;
  help?: string;
  restore?: ReactNode;
  below?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles.item}>
      <div className={styles.row}>
        <div className={styles.about}>
          <label htmlFor={id}>{label}</label>
          <div className={styles.under} id={`${id}-help`}>
            {code && <code>{code}</code>}
            {help && <span>{help}</span>}
          </div>
        </div>
        {restore}
        {children}
      </div>
      {below}
    </div>
  );
}

interface ControlProps {
  id: string;
  words: Words;
  value: string;
  wrong: boolean;
  busy: boolean;
  /** Reports whether it is in force. */
  put: (value: string) => Promise<boolean>;
  forget: () => void;
}

function ControlOf({ id, words: { control }, value, wrong, busy, put, forget }: ControlProps) {
  const described = { id, "aria-describedby": `${id}-help` };
  switch (control.kind) {
    case "switch":
      return (
        <Switch
          {...described}
          className={styles.switch ?? ""}
          withThumbIndicator={false}
          checked={value === control.on}
          aria-busy={busy}
          onChange={(event) => !busy && void put(event.currentTarget.checked ? control.on : control.off)}
        />
      );
    case "choice":
      return (
        <Select
          {...described}
          className={styles.control ?? ""}
          data={control.choices}
          value={value}
          error={wrong}
          onChange={(value) => value !== null && void put(value)}
        />
      );
    case "duration":
      return (
        <Typed
          {...described}
          value={durationText(value)}
          placeholder="such as 30 s"
          wrong={wrong}
          busy={busy}
          put={(text) => put(readDuration(text) ?? text)}
          forget={forget}
        />
      );
    case "text":
      return (
        <Typed
          {...described}
          value={value}
          placeholder={control.placeholder}
          wrong={wrong}
          busy={busy}
          put={put}
          forget={forget}
        />
      );
  }
}

/** A field that is taken with Enter, or when it is left; Esc brings back what is in force. */
function Typed({
  value,
  wrong,
  busy,
  put,
  forget,
  ...rest
}: {
  id: string;
  value: string;
  placeholder: string;
  wrong: boolean;
  busy: boolean;
  put: (text: string) => Promise<boolean>;
  forget: () => void;
}) {
  const [typed, setTyped] = useState<string>();
  const take = async () => {
    if (typed === undefined || typed.trim() === value) setTyped(undefined);
    else if (!wrong && !busy && (await put(typed.trim())))
      // What was refused stays to be mended, and so does what has been typed since.
      setTyped((now) => (now === typed ? undefined : now));
  };
  return (
    <TextInput
      {...rest}
      className={styles.control ?? ""}
      value={typed ?? value}
      error={wrong && typed !== undefined}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        forget();
      }}
      onBlur={() => void take()}
      onKeyDown={(event) => {
        if (event.key === "Enter") void take();
        if (event.key === "Escape" && typed !== undefined) {
          setTyped(undefined);
          forget();
          event.preventDefault();
        }
      }}
    />
  );
}
