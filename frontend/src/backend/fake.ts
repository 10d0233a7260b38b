import { type Body, type Call, FaultError, type Method } from "./call";
import {
  ago,
  checkup,
  crowd,
  eachPhase,
  firstRows,
  head,
  hostile,
  keychainLocked,
  revisionRows,
  revisions,
  team,
  traffic,
  troubled,
} from "./fake-data";
import type {
  Access,
  AddSource,
  Answer as AnswerOf,
  Changes,
  Consent,
  ContextUse,
  Counters,
  Entry,
  Event,
  Fields,
  ForwardView,
  Methods,
  Row,
  Selection,
  Setting,
  SourceView,
  SyncResult,
  View,
} from "./types";

/** What the fake engine does with each method. */
type Handlers = {
  [M in Method]: (
    body: Body<M>,
    signal?: AbortSignal,
  ) => Methods[M]["answer"] | Promise<Methods[M]["answer"]>;
};

const done: Record<string, never> = {};

/** The keys of those that were there and are not any more. */
function gone<T>(before: T[], after: T[], key: (t: T) => string): string[] {
  const left = new Set(after.map(key));
  return before.map(key).filter((k) => !left.has(k));
}

function refuse(code: string, message: string, hint: string): never {
  throw new FaultError({ kind: "failed", code, message, hint });
}

/**
 * An engine in memory: the invented team, with all intents working on it. asked is a number of forwards, "empty"
 * for nobody's computer, "phases" for one forward in each phase, "troubled" for a bad day, "hostile" for texts that mean harm, or "" for the team of the
 * designs.
 */
export function fakeCall(asked = ""): Call {
  const world = new World(asked);
  const handlers = world.handlers();
  return async (method, body, signal) => {
    const handler = handlers[method] as (body: unknown, signal?: AbortSignal) => unknown;
    await Promise.resolve();
    // A copy, as over a wire: nobody shares an object with the engine.
    return structuredClone(await handler(structuredClone(body), signal)) as never;
  };
}

class World {
  view: View;
  private readonly born = Date.now();
  private sent: Pick<View, "revision" | "sources" | "forwards" | "superseded"> | undefined;
  private readonly waiting = new Set<() => void>();
  private readonly events = new Map<string, Event[]>();
  private undoing: (() => void) | undefined;
  private consents: Consent[] = [
    { source: "port-forwards", effect: "bind-address", value: "0.0.0.0", at: ago(3000) },
  ];
  private mapped: Record<string, string> = { dev: "acme-dev-eu1" };
  private settings: Setting[] = [
    {
      name: "drain",
      value: "30s",
      default: "30s",
      help: "how long live connections of a stopped forward may go on",
    },
    {
      name: "hold",
      value: "15s",
      default: "15s",
      help: "how long a new connection waits for a ready pod before it is refused",
    },
    { name: "log_level", value: "info", default: "info", help: "what is logged at least" },
    { name: "peers", value: "auto", default: "auto", help: "whose local connections are served, on Linux" },
    {
      name: "start_at_login",
      value: "true",
      default: "false",
      help: "whether Portolan starts when you log in",
    },
    {
      name: "notify_changes",
      value: "on",
      default: "on",
      help: "whether the desktop tells what a sync changed",
    },
    {
      name: "notify_lost",
      value: "on",
      default: "on",
      help: "whether the desktop tells of forwards that are down for more than 30 s",
    },
    {
      name: "github_client_id",
      value: "Iv1.0123456789abcdef",
      default: "Iv1.0123456789abcdef",
      help: "client id of the GitHub App for a sign-in with a code",
    },
  ];

  constructor(private readonly asked: string) {
    this.view = /^\d+$/.test(asked) && Number(asked) > 0 ? crowd(Number(asked)) : team();
    if (asked === "phases") this.view.forwards = eachPhase(this.view.forwards);
    if (asked === "troubled") this.view = troubled();
    if (asked === "hostile") this.view = hostile();
    if (asked === "empty" || asked === "0") {
      this.view = {
        revision: 1,
        sources: [],
        forwards: [],
        superseded: [],
        notices: [],
        accounts: [],
        paused: false,
      };
    }
  }

  /** Publishes what was changed. */
  private changed() {
    this.view.revision++;
    for (const wake of [...this.waiting]) wake();
  }

  private forward(id: string): ForwardView {
    return (
      this.view.forwards.find((f) => f.id === id) ??
      refuse("forward-unknown", "there is no such forward", "it may have gone with a sync")
    );
  }

  private pick(s: Selection): ForwardView[] {
    return this.view.forwards.filter((f) => {
      if (s.names?.length) return s.names.includes(f.id) || s.names.includes(f.entry.alias ?? "");
      if (s.source && f.source !== s.source) return false;
      return (s.all || f.environment === s.environment) && !f.protected;
    });
  }

  private say(id: string, text: string, phase?: ForwardView["status"]["phase"]) {
    const list = this.events.get(id) ?? [];
    this.events.set(id, [{ at: new Date().toISOString(), text, ...(phase ? { phase } : {}) }, ...list]);
  }

  /** Lets a change be taken back, once. */
  private undoable(text: string) {
    const before = structuredClone({ forwards: this.view.forwards, sources: this.view.sources });
    this.view.undo = { id: crypto.randomUUID(), at: new Date().toISOString(), text };
    this.undoing = () => Object.assign(this.view, before);
  }

  private replace(id: string, change: (f: ForwardView) => ForwardView): ForwardView {
    let after = this.forward(id);
    this.view.forwards = this.view.forwards.map((f) => {
      if (f.id !== id) return f;
      after = change(f);
      return after;
    });
    return after;
  }

  private phase(id: string, phase: ForwardView["status"]["phase"], text: string) {
    const since = new Date().toISOString();
    this.replace(id, (f) => ({
      ...f,
      status: {
        phase,
        ...(phase === "off"
          ? {}
          : { since, addresses: [`${f.entry.local_address ?? "127.0.0.1"}:${f.entry.local_port ?? 0}`] }),
        ...(phase === "ready"
          ? { pod: `${f.entry.namespace}/${f.entry.service ?? "pod"}-5f7c9d8b7-q8x2m`, leg: "websocket" }
          : {}),
      },
    }));
    this.say(id, text, phase);
  }

  private start(selection: Selection): ForwardView[] {
    const picked = this.pick(selection);
    for (const f of picked) {
      this.replace(f.id, (f) => ({ ...f, local: { ...f.local, wanted: true } }));
      this.phase(f.id, "listening", "Listening");
      if (traffic[f.entry.alias ?? ""]) {
        setTimeout(() => {
          this.phase(f.id, "connecting", "Connecting over websocket");
          this.changed();
        }, 400);
        setTimeout(() => {
          this.phase(f.id, "ready", "Ready");
          this.changed();
        }, 1200);
      }
    }
    this.changed();
    return picked.map((f) => this.forward(f.id));
  }

  private stop(selection: Selection): ForwardView[] {
    const picked = this.pick(selection);
    if (picked.length > 1) this.undoable(`stopped ${picked.length} forwards`);
    for (const f of picked) {
      this.replace(f.id, (f) => ({ ...f, local: { ...f.local, wanted: false } }));
      this.phase(f.id, "off", "Stopped");
    }
    this.changed();
    return picked.map((f) => this.forward(f.id));
  }

  private edit(id: string, fields: Fields, here: boolean): ForwardView {
    const before = this.forward(id);
    if (before.source === "mine" || !here) this.undoable(`edited ${before.entry.alias}`);
    const after = this.replace(id, (f) => {
      const entry = { ...f.entry } as Record<string, unknown>;
      for (const [name, value] of Object.entries(fields)) {
        if (value === null) delete entry[name];
        else entry[name] = value;
      }
      const mine = f.source === "mine";
      const override = here ? { ...f.local.override, ...fields } : f.local.override;
      const addresses = f.status.phase === "off" ? {} : { addresses: [`127.0.0.1:${entry.local_port}`] };
      const status =
        f.status.phase === "port-busy"
          ? { phase: "listening" as const, ...addresses }
          : { ...f.status, ...addresses };
      return {
        ...f,
        entry: entry as Entry,
        team: mine ? (entry as Entry) : f.team,
        ...(here || mine ? {} : { edited: true }),
        local: { ...f.local, ...(override ? { override } : {}) },
        status,
      };
    });
    this.say(id, `You changed ${Object.keys(fields).join(", ")}`);
    this.changed();
    return after;
  }

  private add(environment: string, fields: Fields): ForwardView {
    const entry = fields as Entry;
    this.undoable(`added ${entry.alias}`);
    const id = `m${this.view.forwards.length}-${Date.now() % 100000}`;
    const made: ForwardView = {
      id,
      source: "mine",
      environment,
      key: `${entry.namespace}/${entry.alias}`,
      entry,
      team: entry,
      local: {},
      status: { phase: "off" },
    };
    this.view.forwards = [...this.view.forwards, made];
    this.say(id, "You added it");
    this.changed();
    return made;
  }

  private async changes(since: number, signal?: AbortSignal): Promise<Changes> {
    if (since === this.view.revision) {
      await new Promise<void>((resolve, reject) => {
        this.waiting.add(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
      this.waiting.clear();
    }
    const { revision, sources, forwards, superseded, notices, accounts, paused, asking, undo } = this.view;
    const rest = {
      revision,
      notices,
      accounts,
      paused,
      ...(asking ? { asking } : {}),
      ...(undo ? { undo } : {}),
    };
    const before = this.sent;
    this.sent = { revision, sources, forwards, superseded };
    if (!before || before.revision !== since) return { ...rest, whole: true, sources, forwards, superseded };
    const had = new Set(before.forwards);
    const moved =
      before.forwards.length !== forwards.length || before.forwards.some((f, i) => f.id !== forwards[i]?.id);
    return {
      ...rest,
      whole: false,
      sources,
      superseded,
      forwards: forwards.filter((f) => !had.has(f)),
      order: {
        sources: sources.map((s) => s.name),
        superseded: superseded.map((s) => s.id),
        forwards: moved ? forwards.map((f) => f.id) : [],
      },
      removed: {
        sources: gone(before.sources, sources, (s) => s.name),
        superseded: gone(before.superseded, superseded, (s) => s.id),
        forwards: moved ? gone(before.forwards, forwards, (f) => f.id) : [],
      },
    };
  }

  private counters(ids: string[]): Counters[] {
    const seconds = (Date.now() - this.born) / 1000 + 900;
    return ids.map((id) => {
      const f = this.view.forwards.find((f) => f.id === id);
      const [rate, live] = (f?.status.phase === "ready" &&
        traffic[(f.entry.alias ?? "").replace(/-\d+$/, "")]) || [0, 0];
      // A slow swing around the mean, so that a line has a shape, and each its own.
      const own = Number(id.replace(/\D/g, ""));
      const swing = 4 * Math.sin(seconds / (9 + (own % 5)) + own) + 0.5 * Math.sin(seconds / 1.3 + own);
      const bytes = rate * (seconds + swing);
      return {
        id,
        live,
        total: live && live + 34,
        received: Math.round(bytes * 0.9),
        sent: Math.round(bytes * 0.1),
        first_byte_ms: live ? 54 : 0,
      };
    });
  }

  private source(name: string): SourceView {
    return (
      this.view.sources.find((s) => s.name === name) ??
      refuse("source-unknown", `there is no source ${name}`, "see what is followed")
    );
  }

  private change(name: string, change: (s: SourceView) => SourceView) {
    this.source(name);
    this.view.sources = this.view.sources.map((s) => (s.name === name ? change(s) : s));
  }

  /** A source takes what waits. */
  private goOn(name: string): SyncResult {
    const { review, held } = this.source(name);
    const commit = review?.commit ?? held?.newer ?? this.source(name).commit;
    this.change(name, ({ review, held, ...s }) => ({ ...s, commit }));
    this.changed();
    return { source: name, commit, changed: true, rows: this.rows(), requests: 1 };
  }

  private async sync(names: string[]): Promise<SyncResult[]> {
    const picked = this.view.sources.filter((s) => !names.length || names.includes(s.name));
    const set = (phase: "syncing" | "idle") => {
      this.view.sources = this.view.sources.map((s) =>
        picked.some((p) => p.name === s.name)
          ? {
              ...s,
              status: {
                ...s.status,
                phase,
                ...(phase === "syncing"
                  ? { step: "checking" }
                  : {
                      step: "",
                      last_sync: new Date().toISOString(),
                      next: new Date(Date.now() + 60_000).toISOString(),
                    }),
              },
            }
          : s,
      );
      if (phase === "idle") {
        // The repository wins over plain edits.
        this.view.forwards = this.view.forwards.map((f) =>
          f.edited && picked.some((p) => p.name === f.source)
            ? {
                ...f,
                edited: false,
                entry: { ...f.team },
                status: { ...f.status, addresses: [`127.0.0.1:${f.team.local_port}`] },
              }
            : f,
        );
      }
      this.changed();
    };
    set("syncing");
    await new Promise((resolve) => setTimeout(resolve, 900));
    set("idle");
    return picked.map((s) => ({ source: s.name, commit: s.commit, changed: false, rows: [], requests: 1 }));
  }

  /** What a sync would do: one forward is new, one changes, one goes. */
  private rows(): Row[] {
    const some = firstRows();
    const [first, second, third] = some;
    const changed = this.view.forwards.find((f) => f.key === second?.key);
    if (!first || !second || !third) return [];
    return [
      first,
      {
        ...second,
        ...(changed ? { id: changed.id } : {}),
        action: "updated",
        fields: [
          { name: "remote_port", before: 5005, after: 5006 },
          { name: "tags", before: null, after: ["debug", "jvm"] },
        ],
      },
      {
        ...third,
        action: "deleted",
        fields: (third.fields ?? []).map(({ name, after }) => ({ name, before: after })),
      },
    ];
  }

  /** What the environments name for contexts, and what stands for them. */
  private uses(): ContextUse[] {
    const use = (environment: string, team: string, forwards: number, lack: Partial<ContextUse>) => {
      const mine = this.mapped[team];
      return { environment, team, forwards, ...(mine ? { mine } : lack) };
    };
    return [
      use("development", "dev", 14, {}),
      use("staging", "staging", 9, { missing: true, proposal: "acme-staging-eu1" }),
      use("production", "prod", 5, { missing: true }),
    ];
  }

  private async look({ repository, config }: AddSource): Promise<Access> {
    await new Promise((resolve) => setTimeout(resolve, 600));
    const [account] = this.view.accounts;
    if (repository.includes("nowhere") || (repository.includes("private") && !account))
      refuse(
        "github-not-found",
        "not visible without signing in: private, or no such repository",
        "sign in, or check the name",
      );
    if (config.ref === "gone")
      refuse("github-not-found", "there is no branch, tag or commit gone", "choose another");
    const folder = config.path ? `${config.path}/` : "";
    const none: Access["files"][number]["problems"] = [];
    const files = [
      { path: `${folder}development.json`, environment: "development", entries: 14, problems: none },
      { path: `${folder}staging/orders.json`, environment: "staging", entries: 5, problems: none },
      { path: `${folder}staging/platform.json`, environment: "staging", entries: 4, problems: none },
      { path: `${folder}production.json`, environment: "production", entries: 5, problems: none },
      {
        path: `${folder}load-test-eu-central.json`,
        environment: "load-test-eu-central",
        entries: 0,
        problems: [
          {
            file: `${folder}load-test-eu-central.json`,
            pointer: "",
            position: { line: 14, column: 3 },
            severity: "error" as const,
            code: "json",
            message: "a comma is missing",
          },
        ],
      },
    ].filter((f) => config.path !== "empty" && !config.exclude?.some((e) => f.path.endsWith(e)));
    return {
      repo: { host: "github.com", owner: "acme", name: "port-forwards", id: 7 },
      private: true,
      default_branch: "main",
      branches: ["main", "next"],
      commit: head,
      files,
      rows: firstRows().filter((r) => files.some((f) => f.environment === r.environment)),
      uses: this.uses().filter((u) => files.some((f) => f.environment === u.environment)),
      login: account?.login ?? "",
    };
  }

  private async addSource({ config }: AddSource): Promise<SyncResult> {
    const { view } = this;
    const name = config.name || "port-forwards";
    const like = team().sources[0];
    if (view.sources.some((s) => s.name === name) || !like)
      refuse("source-exists", `there is a source "${name}" already`, "choose another name");
    for (const step of ["checking", "reading 2 of 4 files", "reading 4 of 4 files"]) {
      const status = { phase: "syncing" as const, step };
      const begun = { ...config, name, commit: { sha: "" }, environments: [], forwards: 0, status };
      view.sources = [...view.sources.filter((s) => s.name !== name), begun];
      this.changed();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const fresh = team()
      .forwards.filter((f) => f.source === "port-forwards")
      .map((f, i) => ({
        ...f,
        id: `${name}-${i}`,
        source: name,
        edited: false,
        local: {},
        status: { phase: "off" as const },
      }));
    view.sources = view.sources.map((s) => (s.name === name ? { ...like, ...config, name } : s));
    view.forwards = [...view.forwards, ...fresh];
    this.changed();
    const rows = firstRows().map((r) => ({ ...r, source: name }));
    return { source: name, commit: head, changed: true, rows, requests: 5 };
  }

  private async confirmSource(name: string): Promise<SyncResult> {
    this.view.forwards = this.view.forwards.filter((f) => f.source !== name);
    this.view.sources = this.view.sources.map((s) =>
      s.name === name ? { ...s, forwards: 0, environments: [], status: { phase: "idle" as const } } : s,
    );
    this.changed();
    return { source: name, commit: head, changed: true, rows: [], requests: 1 };
  }

  private remove(id: string) {
    const f = this.forward(id);
    if (f.source !== "mine")
      refuse("not-mine", "it comes from the repository and would come back", "remove it there");
    this.undoable(`removed ${f.entry.alias}`);
    this.view.forwards = this.view.forwards.filter((f) => f.id !== id);
    this.changed();
    return done;
  }

  private answer(id: string, answer: AnswerOf) {
    const { superseded } = this.view;
    const edit = superseded.find((s) => s.id === id);
    const undo = () => {
      const back = this.undoing;
      this.undoing = () => {
        back?.();
        this.view.superseded = superseded;
      };
    };
    if (edit && answer === "keep") this.add(edit.environment, { ...edit.entry });
    else this.undoable("dismissed an edit that the team overruled");
    undo();
    this.view.superseded = superseded.filter((s) => s.id !== id);
    this.changed();
    return done;
  }

  private eventsOf(id: string): Event[] {
    const f = this.forward(id);
    const pod = f.status.pod ? `…${f.status.pod.slice(-6)}` : "";
    const past: Event[] =
      f.status.phase === "off"
        ? []
        : [
            ...(pod ? [{ at: ago(43), phase: "ready" as const, text: `Ready on pod ${pod}` }] : []),
            ...(pod
              ? [{ at: ago(43), phase: "connecting" as const, text: "Connecting over websocket, 54 ms" }]
              : []),
            { at: ago(44), phase: f.status.phase, text: f.status.fault?.message ?? "Listening" },
            ...(f.edited ? [{ at: ago(45), text: "You changed the local port 8443 → 8444" }] : []),
          ];
    return [...(this.events.get(id) ?? []), ...past];
  }

  /** One function per method of the engine; the compiler knows when one is missing. */
  handlers(): Handlers {
    const { view } = this;
    const quietly = (act: () => void) => {
      act();
      this.changed();
      return done;
    };
    return {
      version: () => ({ version: "devel", api: 2, pid: 4242, home: "/home/mara/.config/portolan" }),
      view: () => view,
      changes: (since, signal) => this.changes(since, signal),
      counters: (ids) => this.counters(ids),
      look: (add) => this.look(add),
      "source/add": (add) => this.addSource(add),
      "source/set": (config) =>
        quietly(() => {
          view.sources = view.sources.map((s) => (s.name === config.name ? { ...s, ...config } : s));
        }),
      "source/remove": ({ name, keep }) =>
        quietly(() => {
          this.undoable(`removed the source ${name}`);
          view.sources = view.sources.filter((s) => s.name !== name);
          view.forwards = keep
            ? view.forwards.map((f) => (f.source === name ? { ...f, source: "mine" } : f))
            : view.forwards.filter((f) => f.source !== name);
        }),
      "source/confirm": (name) => this.confirmSource(name),
      sync: (names) => this.sync(names),
      preview: (names) =>
        view.sources
          .filter((s) => !names.length || names.includes(s.name))
          .map((s) => ({ source: s.name, commit: s.commit, changed: true, rows: this.rows(), requests: 2 })),
      review: (name) => {
        const { review, held } = this.source(name);
        const commit = review?.commit ?? held?.newer;
        if (!commit) return { source: name, commit: { sha: "" }, rows: [] };
        return { source: name, commit, since: review?.since ?? ago(12), rows: this.rows() };
      },
      "review/approve": ({ source, sha }) => {
        if (this.source(source).review?.commit.sha !== sha)
          refuse("review-moved", `another commit of ${source} waits`, "look at what there is now");
        return this.goOn(source);
      },
      "source/hold": (name) =>
        quietly(() => {
          this.undoable(`held ${name}`);
          this.change(name, ({ review, ...s }) => ({
            ...s,
            held: {
              at: ago(0),
              why: "held",
              commit: s.commit,
              changes: 0,
              ...(review ? { newer: review.commit } : {}),
            },
          }));
        }),
      "source/resume": (name) => {
        if (!this.source(name).held) refuse("not-held", `${name} is not held`, "sync it");
        return this.goOn(name);
      },
      "source/restore": ({ source, number }) => {
        const revision = revisions().find((r) => r.number === number);
        if (!revision) refuse("revision-unknown", `${source} has no revision ${number}`, "see the history");
        this.undoable(`restored revision ${number} of ${source}`);
        const rows = this.rows();
        this.change(source, ({ review, ...s }) => ({
          ...s,
          commit: revision.commit,
          held: {
            at: ago(0),
            why: "restored",
            number,
            commit: revision.commit,
            newer: head,
            changes: rows.length,
          },
        }));
        this.changed();
        return { source, commit: revision.commit, changed: true, rows, requests: 0 };
      },
      diff: ({ from, to }) => (from === to ? [] : this.rows()),
      pause: (on) =>
        quietly(() => {
          view.paused = on;
        }),
      start: (selection) => this.start(selection),
      stop: (selection) => this.stop(selection),
      add: ({ environment, fields }) => this.add(environment, fields),
      edit: ({ id, fields, here }) => this.edit(id, fields, here),
      remove: (id) => this.remove(id),
      import: ({ environment }) => this.rows().map((r) => ({ ...r, environment })),
      export: (selection) => btoa(JSON.stringify(this.pick(selection).map((f) => f.entry))),
      confirm: (id) => {
        this.phase(id, "listening", "You said yes");
        this.changed();
        return this.forward(id);
      },
      favourite: ({ id, on }) =>
        quietly(() => {
          if (this.asked === "troubled")
            refuse("disk-full", "the disk is full; nothing was saved", "free some room and try again");
          this.replace(id, (f) => ({ ...f, local: { ...f.local, favourite: on, rank: 0 } }));
        }),
      "favourite/order": (ids) =>
        quietly(() => {
          this.undoable("ordered the favourites");
          view.forwards = view.forwards.map((f) =>
            f.local.favourite ? { ...f, local: { ...f.local, rank: ids.indexOf(f.id) + 1 } } : f,
          );
        }),
      answer: ({ superseded, answer }) => this.answer(superseded, answer),
      undo: (id) => {
        if (view.undo?.id !== id)
          refuse("undo-over", "it can no longer be taken back", "something else has changed since");
        return quietly(() => {
          this.undoing?.();
          delete view.undo;
        });
      },
      events: (id) => this.eventsOf(id),
      kubectl: (id) => {
        const { entry } = this.forward(id);
        return `kubectl --context acme-dev-eu1 -n ${entry.namespace} port-forward svc/${entry.service ?? entry.target} ${entry.local_port}:${entry.remote_port}`;
      },
      targets: async ({ namespace, kind, name }) => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        const nothing = { namespaces: [], names: [], ports: [], more: false };
        if (!namespace)
          return { ...nothing, namespaces: ["catalog", "checkout", "orders", "payments", "platform"] };
        if (namespace === "orders")
          refuse(
            "cluster-denied",
            `your account may not list ${kind ?? "service"}s in namespace orders`,
            "type the name instead",
          );
        if (!name)
          return { ...nothing, names: ["payments-api", "payments-gateway-sandbox", "payments-pgbouncer"] };
        const ports = [
          { name: "postgres", number: 6432, protocol: "TCP" },
          { name: "metrics", number: 9127, protocol: "TCP" },
        ];
        return { ...nothing, ports };
      },
      "context/list": () => ({
        contexts: ["acme-dev-eu1", "acme-staging-eu1", "acme-staging-ca1"].map((name, i) => ({
          name,
          cluster: name,
          server: `https://10.20.0.${i + 1}:6443`,
          current: i === 0,
        })),
        uses: this.uses(),
      }),
      "context/map": ({ team, mine }) =>
        quietly(() => {
          this.mapped[team] = mine;
        }),
      checkup: async () => {
        await new Promise((resolve) => setTimeout(resolve, 900));
        return checkup;
      },
      "trust/list": () => this.consents,
      "trust/revoke": ({ source, effect }) =>
        quietly(() => {
          this.consents = this.consents.filter((c) => c.source !== source || (effect && c.effect !== effect));
        }),
      "settings/list": () => this.settings,
      "settings/set": ({ name, value }) => {
        const setting =
          this.settings.find((s) => s.name === name) ??
          refuse("setting-unknown", `there is no setting ${name}`, "");
        if (/^\d/.test(setting.default) && value && !/^(\d+(h|ms|m|s))+$/.test(value))
          refuse(
            "setting-invalid",
            `${name} cannot be "${value}"`,
            `it is a time such as ${setting.default}, from 1s to 10m0s`,
          );
        setting.value = value || setting.default;
        return setting;
      },
      history: ({ source, limit }) =>
        revisions()
          .filter((r) => view.sources.length && (!source || r.source === source))
          .slice(0, limit),
      "history/rows": ({ number }) => revisionRows(number),
      "auth/sign-in": ({ host, token }) => {
        if (!token || token === "bad")
          refuse("token-refused", `${host} does not know this token`, "make a new one");
        const account = token.startsWith("ghp_")
          ? { host, login: "mara-l", kind: "classic", scopes: ["repo", "workflow"] }
          : { host, login: "mara-l", kind: "fine-grained", expires: ago(-60 * 24 * 90) };
        view.accounts = [...view.accounts.filter((a) => a.host !== host), account];
        this.changed();
        return account;
      },
      "auth/device": (host) => ({
        id: host,
        user_code: "WDJB-MJHT",
        verification_uri: `https://${host}/login/device`,
        expires_at: ago(-15),
        interval: 5,
      }),
      "auth/device-wait": async (host, signal) => {
        await new Promise((resolve, reject) => {
          setTimeout(resolve, 4000);
          signal?.addEventListener("abort", () => reject(signal.reason));
        });
        const account = { host, login: "mara-l", kind: "app" };
        view.accounts = [...view.accounts.filter((a) => a.host !== host), account];
        this.changed();
        return account;
      },
      "auth/sign-out": ({ host, login = "", forget = false }) => {
        const left = host !== "github.com" && keychainLocked;
        if (left && !forget) throw new FaultError(left);
        view.accounts = view.accounts.filter((a) => a.host !== host);
        this.changed();
        return { host, login, ...(left ? { left } : {}) };
      },
      "auth/accounts": () => view.accounts,
      "web/link": () =>
        refuse("web-not-served", "The running Portolan serves no pages to a browser", "start it with --web"),
      "log-level": () => done,
      raise: () => false,
      raised: () => new Promise<never>(() => {}),
      shutdown: () => done,
      quit: () => done,
    };
  }
}
