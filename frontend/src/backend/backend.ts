import type { Call } from "./call";
import type {
  AddSource,
  Answer,
  DiffQuery,
  Fields,
  ID,
  Selection,
  SignIn,
  SignOut,
  SourceConfig,
  TargetQuery,
} from "./types";

/**
 * Everything that a page may ask of the engine: one function per intent, over any wire. Each rejects with a
 * FaultError. What an intent changes arrives by the view; the answers are for what happens next.
 */
export function connect(call: Call) {
  return {
    /** What is running at the other end. */
    version: () => call("version", {}),
    /** Waits until the revision is another than since. The store's; a page reads the view. */
    changes: (since: number, signal?: AbortSignal) => call("changes", since, signal),
    /** What those forwards have carried, in that order. */
    counters: (ids: ID[]) => call("counters", ids),

    /** Looks at a repository without following it. */
    look: (add: AddSource, signal?: AbortSignal) => call("look", add, signal),
    addSource: (add: AddSource) => call("source/add", add),
    setSource: (config: SourceConfig) => call("source/set", config),
    /** With keep, its forwards become the person's own; without, they are drained and removed. */
    removeSource: (name: string, keep: boolean) => call("source/remove", { name, keep }),
    /** The yes to a commit without a single environment file. */
    confirmSource: (name: string) => call("source/confirm", name),
    /** Syncs the named sources, or all where none is named; one result each, its fault inside. */
    sync: (names: string[]) => call("sync", names),
    /** What sync would do. */
    preview: (names: string[]) => call("preview", names),
    /** What the commit that waits would change, as things are now. */
    review: (source: string) => call("review", source),
    /** The yes to exactly that commit. */
    approve: (source: string, sha: string) => call("review/approve", { source, sha }),
    /** Keeps a source at the commit in force until it is resumed. */
    holdSource: (source: string) => call("source/hold", source),
    resumeSource: (source: string) => call("source/resume", source),
    /** Brings the entries of a revision back, and holds the source there. */
    restore: (source: string, number: number) => call("source/restore", { source, number }),
    /** Stops all timers, or lets them go on. */
    pause: (on: boolean) => call("pause", on),

    /** Protected forwards start only when named by id. */
    start: (selection: Selection) => call("start", selection),
    stop: (selection: Selection) => call("stop", selection),
    add: (environment: string, fields: Fields) => call("add", { environment, fields }),
    /** With here, an override for this computer; else an edit, of a synced forward until its next sync. */
    edit: (id: ID, fields: Fields, here: boolean) => call("edit", { id, fields, here }),
    /** Of the person's own forwards only. */
    remove: (id: ID) => call("remove", id),
    /** text is an environment file, or kubectl port-forward lines. */
    importFile: (environment: string, text: string) => call("import", { environment, data: toBase64(text) }),
    /** One environment file of the selected forwards. */
    exportFile: async (selection: Selection) => fromBase64(await call("export", selection)),
    /** The yes to a forward that moved, or that asks to listen beyond this computer. */
    confirm: (id: ID) => call("confirm", id),
    favourite: (id: ID, on: boolean) => call("favourite", { id, on }),
    /** In which order favourites are shown; those that are not named come after them. */
    orderFavourites: (ids: ID[]) => call("favourite/order", ids),
    /** Settles a superseded edit. */
    answer: (superseded: string, answer: Answer) => call("answer", { superseded, answer }),
    /** Takes back the local change of View.undo. */
    undo: (id: string) => call("undo", id),
    /** What happened to a forward, newest first. */
    events: (id: ID) => call("events", id),
    /** The kubectl command that does the same. */
    kubectl: (id: ID) => call("kubectl", id),
    /** What the cluster offers for a field of the form. */
    targets: (query: TargetQuery, signal?: AbortSignal) => call("targets", query, signal),

    contexts: () => call("context/list", {}),
    /** An empty mine removes the mapping. */
    mapContext: (environment: string, team: string, mine: string) =>
      call("context/map", { environment, team, mine }),
    /** Looks at this computer; about ten seconds at most. */
    checkup: () => call("checkup", {}),
    consents: () => call("trust/list", {}),
    revoke: (source: string, effect: string, value: string) =>
      call("trust/revoke", { source, effect, value }),
    settings: () => call("settings/list", {}),
    /** An empty value brings the default back. */
    setSetting: (name: string, value: string) => call("settings/set", { name, value }),
    /** Of all sources where source is "", newest first. */
    history: (source: string, limit: number) => call("history", { source, limit }),
    /** What differs between two revisions; to 0 is what is in force, from 0 is nothing. */
    diff: (query: DiffQuery) => call("diff", query),
    /** What a revision changed. */
    revisionRows: (source: string, number: number) => call("history/rows", { source, number }),

    /** Begins a sign-in with a code, which the person enters at the host. */
    device: (host: string) => call("auth/device", host),
    /** Waits until the code was entered, and keeps the account. */
    deviceWait: (id: string, signal?: AbortSignal) => call("auth/device-wait", id, signal),
    signIn: (account: SignIn) => call("auth/sign-in", account),
    signOut: (account: SignOut) => call("auth/sign-out", account),
  };
}

/** See {@link connect}. */
export type Backend = ReturnType<typeof connect>;

function toBase64(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
}
