import { type ReactNode, useMemo } from "react";
import type { Backend, ForwardView } from "../../backend";
import { type App, useApp } from "../../state/app";
import { plural } from "../../state/format";
import { addressOf, look, nameOf, targetOf, urlOf, wanted } from "../../state/forwards";
import { say, useIntent } from "../../state/intent";
import type { Dialog, Question, Screen } from "../../state/screen";
import { BeforeAfter } from "../../ui/parts";

/** What a person can do with forwards; rows, menus, keys, the palette and the details all use these. */
export type Acts = ReturnType<typeof makeActs>;

/** The acts on forwards. They stay the same object. */
export function useActs(): Acts {
  const app = useApp();
  const intent = useIntent();
  return useMemo(() => makeActs(app, intent), [app, intent]);
}

function makeActs({ backend, host, screen }: App, intent: ReturnType<typeof useIntent>) {
  const set = (change: Partial<Screen>) => screen.set((s) => ({ ...s, ...change }));
  const ask = (question: Question) => openDialog({ kind: "confirm", question });
  const openDialog = (dialog: Dialog | undefined) =>
    screen.set(({ dialog: _, ...s }) => (dialog ? { ...s, dialog } : s));

  const startNow = (forwards: ForwardView[]) =>
    intent({
      key: forwards.length === 1 ? `start:${forwards[0]?.id}` : "start",
      run: () => backend.start({ names: forwards.map((f) => f.id) }),
      failed: `${subject(forwards)} not started`,
    });

  const acts = {
    /** Starts what is off, or what failed, again; a protected environment asks first. */
    start(forwards: ForwardView[]) {
      const guarded = forwards.filter((f) => f.protected);
      if (!forwards.length) return;
      if (guarded.length) ask(startQuestion(guarded, () => startNow(forwards)));
      else void startNow(forwards);
    },
    stop(forwards: ForwardView[]) {
      if (!forwards.length) return;
      const many = forwards.length > 1;
      void intent({
        key: many ? "stop" : `stop:${forwards[0]?.id}`,
        run: () => backend.stop({ names: forwards.map((f) => f.id) }),
        ...(many ? { done: `Stopped ${plural(forwards.length, "forward")}`, undo: true } : {}),
        failed: `${subject(forwards)} not stopped`,
      });
    },
    toggle(f: ForwardView) {
      if (wanted(f)) acts.stop([f]);
      else acts.start([f]);
    },
    /** Stops those that are on, or, where none is, starts them all. */
    toggleAll(forwards: ForwardView[]) {
      const on = forwards.filter(wanted);
      if (on.length) acts.stop(on);
      else acts.start(forwards);
    },
    async copyAddresses(forwards: ForwardView[]) {
      const text = forwards.map((f) => `${addressOf(f).host}:${addressOf(f).port}`).join("\n");
      await acts.copy(text, forwards.length === 1 ? text : `${forwards.length} addresses`);
    },
    /** Copies text; what names it in the word about it. */
    async copy(text: string, what: string) {
      try {
        await host.copy(text);
        say(`Copied ${what}`);
      } catch {
        say("The clipboard cannot be used here; select the text and copy it");
      }
    },
    open(f: ForwardView) {
      const url = urlOf(f);
      if (url) host.open(url);
      else say(`${nameOf(f)} does not listen, so there is nothing to open`);
    },
    edit: (f: ForwardView, field?: string) =>
      openDialog({ kind: "edit", id: f.id, ...(field ? { field } : {}) }),
    create: (environment?: string) => openDialog({ kind: "new", ...(environment ? { environment } : {}) }),
    copyAsMine: (f: ForwardView) => openDialog({ kind: "new", like: f, environment: f.environment }),
    import: () => openDialog({ kind: "import" }),
    keys: () => openDialog({ kind: "keys" }),
    ask,
    closeDialog: () => openDialog(undefined),
    details: (id: string) => set({ details: id, cursor: id }),
    closeDetails: () => screen.set(({ details: _, ...s }) => s),
    card: (id: string) => set({ card: id }),
    /** Opens the menu of a forward under a button of its row. */
    menu(id: string, under: Element) {
      const { right, bottom } = under.getBoundingClientRect();
      set({ cursor: id, menu: { id, x: right, y: bottom } });
    },
    closeMenu: () => screen.set(({ menu: _, ...s }) => s),
    closeCard: () => screen.set(({ card: _, ...s }) => s),
    favourite(forwards: ForwardView[], on: boolean) {
      for (const f of forwards) {
        void intent({
          key: `favourite:${f.id}`,
          run: () => backend.favourite(f.id, on),
          failed: `${nameOf(f)} is no favourite yet`,
        });
      }
    },
    orderFavourites(ids: string[]) {
      return intent({
        key: "favourite/order",
        run: () => backend.orderFavourites(ids),
        failed: "The favourites stay in their order",
      });
    },
    /** Of the person's own only; can be taken back. */
    remove(f: ForwardView) {
      if (f.source !== "mine") {
        say(`${nameOf(f)} comes from the repository and would come back; it is removed there`);
        return;
      }
      void intent({
        key: `remove:${f.id}`,
        run: () => backend.remove(f.id),
        done: `Removed ${nameOf(f)}`,
        undo: true,
        failed: `${nameOf(f)} was not removed`,
      });
    },
    /** The yes to a forward that moved, or asks to listen beyond this computer. */
    confirm(f: ForwardView) {
      ask(confirmQuestion(f, backend, intent));
    },
    /** Takes another local port, on this computer only. */
    usePort(f: ForwardView, port: number) {
      void intent({
        key: `edit:${f.id}`,
        run: () => backend.edit(f.id, { local_port: port }, f.source !== "mine"),
        done: `${nameOf(f)} listens on ${port} on this computer`,
        failed: `${nameOf(f)} keeps its port`,
      });
    },
    async copyKubectl(f: ForwardView) {
      const command = await intent({
        key: `kubectl:${f.id}`,
        run: () => backend.kubectl(f.id),
        failed: "There is no kubectl command for it",
      });
      if (command) await acts.copy(command, "the kubectl command");
    },
    /** Copies forwards as one environment file, without what is of this computer only. */
    async export(forwards: ForwardView[]) {
      const text = await intent({
        key: "export",
        run: () => backend.exportFile({ names: forwards.map((f) => f.id) }),
        failed: "Nothing was exported",
      });
      if (text) await acts.copy(text, `${plural(forwards.length, "forward")} as an environment file`);
    },
    sync(names: string[]) {
      return intent({ key: "sync", run: () => backend.sync(names), failed: "Nothing was synced" });
    },
    pause(on: boolean) {
      void intent({
        key: "pause",
        run: () => backend.pause(on),
        done: on ? "Syncing is paused; Sync now still works" : "Syncing goes on",
        failed: on ? "Syncing goes on" : "Syncing is still paused",
      });
    },
    /** Takes back the last change. */
    undo(undo: { id: string; text: string } | undefined) {
      if (!undo) say("There is nothing to undo");
      else
        void intent({
          key: "undo",
          run: () => backend.undo(undo.id),
          done: `Undone: ${undo.text}`,
          failed: "Nothing was undone",
        });
    },
  };
  return acts;
}

function subject(forwards: ForwardView[]): string {
  const [first] = forwards;
  return forwards.length === 1 && first
    ? `${nameOf(first)} was`
    : `${plural(forwards.length, "forward")} were`;
}

const targetWords = (f: Pick<ForwardView, "entry">) => {
  const { kind, name, port } = targetOf(f);
  return `${kind}/${name}:${port}`;
};

const fact = (f: ForwardView) => {
  const { host, port } = addressOf(f);
  return { local: `${host}:${port}`, target: targetWords(f) };
};

function startQuestion(forwards: ForwardView[], act: () => unknown): Question {
  const [first] = forwards;
  const environments = [...new Set(forwards.map((f) => f.environment))].join(", ");
  const one = forwards.length === 1 && first;
  return {
    title: one
      ? `Start ${nameOf(first)} in ${environments}?`
      : `Start ${forwards.length} forwards in ${environments}?`,
    note: "protected",
    tone: "bad",
    icon: "shield",
    text: (
      <>
        <b>{environments}</b> is protected. What you run against {one ? "this port" : "these ports"} reaches
        the live systems.
      </>
    ),
    facts: one
      ? [
          [
            "from",
            <>
              <code>{fact(first).local}</code> on this computer
            </>,
          ],
          [
            "to",
            <>
              <code>{fact(first).target}</code> in namespace <b>{first.entry.namespace || "default"}</b>
            </>,
          ],
          [
            "context",
            <b key="context">{first.local.override?.context || first.entry.context || "the current one"}</b>,
          ],
        ]
      : forwards.slice(0, 8).map((f) => [fact(f).local, `${nameOf(f)} → ${fact(f).target}`]),
    yes: one ? `Start ${nameOf(first)}` : `Start ${forwards.length}`,
    act,
  };
}

/** What a yes changes of one field; what stays is only told. */
function moved(name: string, before: string, after: string): [string, ReactNode] {
  return [name, before === after ? after : <BeforeAfter key={name} before={before} after={after} />];
}

function confirmQuestion(f: ForwardView, backend: Backend, intent: ReturnType<typeof useIntent>): Question {
  const before = f.local.approved;
  const act = () =>
    intent({
      key: `confirm:${f.id}`,
      run: () => backend.confirm(f.id),
      failed: `${nameOf(f)} stays as it was`,
    });
  if (before) {
    const { kind, name, selector, port } = before;
    const target = name ?? selector ?? "";
    const was = { entry: { workload_type: kind, target, remote_port: port } };
    return {
      title: `The team moved ${nameOf(f)}`,
      note: "changed-confirm",
      tone: "wait",
      icon: "route",
      text: "New connections are refused until you say yes.",
      facts: [
        moved("context", before.context || "current", f.entry.context || "current"),
        moved("namespace", before.namespace || "default", f.entry.namespace || "default"),
        moved("target", targetWords(was), targetWords(f)),
      ],
      yes: `Move to ${f.entry.context || name}`,
      no: "Not now",
      act,
    };
  }
  return {
    title: `Open ${nameOf(f)} to your network?`,
    note: "needs a yes",
    tone: "wait",
    icon: "globe",
    text: (
      <>
        A shared file asks to listen on <b>{f.entry.local_address}</b>: everyone who reaches this computer
        could connect. Until you say yes it runs on 127.0.0.1.
      </>
    ),
    facts: [
      moved("local_address", "127.0.0.1", f.entry.local_address ?? ""),
      ["asked by", [f.source, f.file].filter(Boolean).join(" · ")],
    ],
    yes: "Open to the network",
    no: "Keep 127.0.0.1",
    act,
  };
}

/** The way out of a forward's trouble: verb and object, or undefined where there is none. */
export function remedyOf(f: ForwardView, acts: Acts): { label: string; act: () => void } | undefined {
  if (look(f).counts === "up" || look(f).counts === "off") return undefined;
  // The engine offers a free port in its hint: "… such as 15432", "… listen on 15432 on this machine".
  const port = Number(/(?:such as|listen on) (\d{2,5})/.exec(f.status.fault?.hint ?? "")?.[1]);
  switch (f.status.phase) {
    case "port-busy":
      return port
        ? { label: `Use ${port}`, act: () => acts.usePort(f, port) }
        : { label: "Edit port", act: () => acts.edit(f, "local_port") };
    case "changed-confirm":
      return { label: "Review", act: () => acts.confirm(f) };
    case "stalled":
      return ["port-missing", "nothing-listens", "address-unavailable"].includes(f.status.fault?.code ?? "")
        ? { label: "Edit port", act: () => acts.edit(f, "remote_port") }
        : { label: "Details", act: () => acts.card(f.id) };
    case "waiting":
      return { label: "See pod", act: () => acts.details(f.id) };
    case "unreachable":
      return undefined; // The head of its group has it, once for all.
    default:
      return { label: "Details", act: () => acts.card(f.id) };
  }
}
