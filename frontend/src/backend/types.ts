// Made by `go run ./build/dev generate` from internal/portolan and internal/api. Do not edit.

/** The version of the wire that these types are of. */
export const level = 2;

/**
 * Changes is what became of a [View] since a revision. Whoever holds the view of
 * that revision, or of a later one, has the newest after [View.Apply].
 *
 * The lists hold the objects that are new or differ, each whole, in view order.
 */
export interface Changes {
  /** of the view as it is now */
  revision: number;
  /** the lists hold everything; what was held is void */
  whole: boolean;
  sources: SourceView[];
  forwards: ForwardView[];
  superseded: Superseded[];
  /** All of them, always: they are few and small. */
  notices: Notice[];
  accounts: Host[];
  asking?: string;
  paused: boolean;
  undo?: Undo;
  /** Removed names what is no longer there. */
  removed?: Keys;
  /**
   * Order names all that is in a list, in view order, where something came or
   * moved since; else the list is empty, and the order is as it was.
   */
  order?: Keys;
}

/** Keys names objects of a view: sources by name, the others by id. */
export interface Keys {
  sources?: string[];
  forwards?: ID[];
  superseded?: string[];
}

/** Outcome is how one check of this machine ended. */
export type Outcome = "ok" | "warning" | "failed";

/**
 * Check is the answer to one question about this machine: what was looked at, what
 * was found, and what to do. It never holds a token.
 */
export interface Check {
  /** "paths", "engine", "keychain", "kubeconfig", "plugins", "github", "rights" */
  area: string;
  /** what was checked */
  name: string;
  outcome: Outcome;
  message: string;
  /** what to do, unless it is ok */
  hint?: string;
  /** YAML of the role to ask for, where a right is missing */
  role?: string;
}

/** KubeContext is one context of this machine's kubeconfig files. */
export interface KubeContext {
  name: string;
  /** the name of its cluster entry */
  cluster: string;
  /** URL of the API server */
  server?: string;
  /** "" = "default" */
  namespace?: string;
  /** kubectl's current-context */
  current: boolean;
}

/**
 * ContextUse is one context that entries of an environment name, and what stands
 * for it on this machine.
 */
export interface ContextUse {
  environment: string;
  /** as the files name it; "" = none, which is the current-context */
  team: string;
  /** how many entries name it */
  forwards: number;
  /** what it is mapped to; "" = it is used as it is */
  mine?: string;
  /** this machine has no such context */
  missing?: boolean;
  /** where it is missing: the context whose cluster matches */
  proposal?: string;
}

/**
 * WorkloadType says what kind of object an entry forwards to.
 * The empty string stands for [Service].
 */
export type WorkloadType = "service" | "pod" | "deployment" | "statefulset" | "daemonset" | "replicaset" | "job" | "proxy" | "expose";

/** Protocol is the transport of a forward. The empty string stands for [TCP]. */
export type Protocol = "tcp" | "udp";

/**
 * Entry is one forward as an environment file states it. The JSON names are
 * kftray's, so that a team moves over without touching a file.
 *
 * A zero field is an absent one; placeholders that kftray's database writes are
 * read as absent. Entry marshals to one JSON object: the fields in the order of
 * this struct, then Rest in its own order.
 */
export interface Entry {
  alias?: string;
  workload_type?: WorkloadType;
  service?: string;
  target?: string;
  pod_name?: string;
  namespace?: string;
  context?: string;
  remote_port?: number | string | null;
  local_port?: number;
  local_address?: string;
  protocol?: Protocol;
  remote_address?: string;
  tags?: string[];
  description?: string;
  url_path?: string;
  scheme?: string;
}

/**
 * FieldChange is one field of an entry before and after, by its JSON name.
 * Absent is nil. The values are what the field marshals to.
 */
export interface FieldChange {
  name: string;
  before?: unknown;
  after?: unknown;
}

/**
 * Position is a place in a file: 1-based line and column, the column counted in
 * characters (not bytes).
 */
export interface Position {
  line: number;
  column: number;
}

/** Severity orders what [Parse] and [Validate] report. */
export type Severity = "error" | "warning" | "notice";

/**
 * Problem is one finding in a file: where, what was seen, and what would be
 * right.
 */
export interface Problem {
  file: string;
  /** RFC 6901; "" is the whole document */
  pointer: string;
  position: Position;
  severity: Severity;
  /** a stable slug, such as "port-range" */
  code: string;
  /** what is wrong, with the value seen */
  message: string;
  hint?: string;
  /**
   * Count is in how many places of the file a notice applies, of which Position
   * is the first; 0 is once.
   */
  count?: number;
}

/** Kind says what follows from a fault; app maps it to an exit code. */
export type Kind = "failed" | "usage" | "unavailable" | "later" | "sign-in";

/**
 * Fault is an error for a person: what happened and why in Message, what to do
 * next in Hint. It is data, so that it crosses the local API unchanged. A fault
 * never holds a token.
 */
export interface Fault {
  kind: Kind;
  /** a stable slug, such as "github-unauthorized" */
  code: string;
  message: string;
  hint?: string;
  /**
   * Retry is when the next attempt is due. Zero: nothing will be tried until a
   * person acts.
   */
  retry?: string;
  /** Problems are the findings behind an invalid file. */
  problems?: Problem[];
}

/** Action says what a sync does to one entry or file. */
export type Action = "added" | "updated" | "renamed" | "deleted" | "superseded" | "kept" | "invalid" | "unchanged";

/**
 * Row is one line of a plan. Kind is "forward", or "file" for an invalid file, or
 * "source" where a person removed a source or took that back.
 */
export interface Row {
  source: string;
  environment: string;
  file: string;
  /** identity; see [Keys] */
  key: string;
  id?: ID;
  kind: string;
  action: Action;
  fields?: FieldChange[];
  /** why kept or invalid */
  reason?: string;
  /** a wanted forward moves: waits for a yes */
  confirm?: boolean;
  /** of an invalid file */
  problems?: Problem[];
}

/** Setting is one row of the table of settings, as a face shows it. */
export interface Setting {
  name: string;
  /** in force, be it the default */
  value: string;
  default: string;
  help: string;
}

/**
 * ID names one forward on this machine: random, never reused, and never written
 * to a shared file.
 */
export type ID = string;

/** OnMissing says what happens to an entry that its source no longer has. */
export type OnMissing = "delete" | "keep" | "fail";

/** OnInvalid says what happens when a file does not parse or validate. */
export type OnInvalid = "keep-last-good" | "skip-entry" | "fail";

/** OnEdit says what happens to a local edit at the next sync. */
export type OnEdit = "repo-wins" | "keep-until-changed";

/** Apply says whether a source takes what a sync found by itself. */
export type Apply = "auto" | "review";

/** Wait says why what a sync found is not taken: it waits for a person. */
export type Wait = "review" | "held";

/** Repository names a repository on a GitHub host. */
export interface Repository {
  /** "github.com", "ghe.example.org", "127.0.0.1:8080" */
  host: string;
  /** "" = derived from Host */
  api_url?: string;
  owner: string;
  name: string;
  /** GitHub's number, pinned at the first contact */
  id?: number;
}

/** SourceConfig is what a person sets for a source. Zero values are the defaults. */
export interface SourceConfig {
  /** a slug [a-z0-9-]{1,40}; never "mine" */
  name: string;
  repo: Repository;
  /** keychain account login; "" = the host's only one */
  account?: string;
  /** "" = the default branch */
  ref?: string;
  /** a directory or one file; "" = root */
  path?: string;
  /** doublestar globs, relative to Path */
  include?: string[];
  exclude?: string[];
  /** auto, files, folders, single */
  layout?: string;
  /** environment in the repository -> here */
  rename?: Record<string, string>;
  /** 0 = 60 s with a token, 15 min without */
  interval?: Duration;
  /** 0 = 120 s for one whole sync */
  timeout?: Duration;
  on_missing?: OnMissing;
  on_invalid?: OnInvalid;
  on_edit?: OnEdit;
  apply?: Apply;
  /** globs of environments */
  protected?: string[];
  /**
   * Enabled are globs of the environments that appear here; none means all. Of the
   * others this machine holds the files, and nothing is in force.
   */
  enabled?: string[];
  /**
   * RequireVerified takes only commits that the host reports as verified, with a
   * committer whose e-mail address is among Signers.
   */
  require_verified?: boolean;
  signers?: string[];
}

/**
 * Duration is a time.Duration that reads and writes JSON as a string such as
 * "1m30s".
 */
export type Duration = string;

/** Commit is one commit of a source's repository. */
export interface Commit {
  sha: string;
  tree?: string;
  author?: string;
  /** first line */
  message?: string;
  time?: string;
  url?: string;
  /**
   * Verification is what the host says of the signature, in its own word: "valid",
   * "unsigned", "expired_key" (REST API, "Commits", signature verification). "" =
   * it said nothing.
   */
  verification?: string;
  /**
   * Signer is the committer's e-mail address. Where Verification is "valid" the host
   * has made sure that the signing key is of the account with that address.
   */
  signer?: string;
}

/** Held is a source that stays where it is until a person lets it go on. */
export interface Held {
  at: string;
  why: HeldWhy;
  /** the revision that is in force; 0 = none is known */
  number?: number;
  /** that is in force */
  commit: Commit;
}

/** HeldWhy says how a source came to be held. */
export type HeldWhy = "held" | "restored";

/**
 * Override is what a person set for this machine only; a sync never touches it.
 * Zero fields are not overridden.
 */
export interface Override {
  local_port?: number;
  local_address?: string;
  context?: string;
}

/** Local is what this machine knows about one forward, synced or its own. */
export interface Local {
  /** a person started it */
  wanted?: boolean;
  /** arrived by a sync and not yet started or seen */
  new?: boolean;
  /** picked once for a local_port of 0 */
  port?: number;
  /** address given once for auto_loopback_address */
  loopback?: string;
  favourite?: boolean;
  /** its place among the favourites, from 1; 0 is after all of those */
  rank?: number;
  /** for this machine only */
  override?: Override;
  /** set while a moved target waits for a yes: the target before */
  approved?: Target;
}

/**
 * Superseded is a local edit that a sync has overruled. It stays until a person
 * answers it.
 */
export interface Superseded {
  /** its own id, not the forward's */
  id: string;
  forward: ID;
  source: string;
  environment: string;
  alias: string;
  /** the one that overruled it */
  commit: Commit;
  edited_at: string;
  at: string;
  /** Before is theirs, After is mine */
  fields: FieldChange[];
  /** the whole entry as it was edited */
  entry: Entry;
}

/**
 * Consent is one yes given on this machine to an effect that a shared file may
 * not have by itself.
 */
export interface Consent {
  source: string;
  /** "bind-address", "empty-source" */
  effect: string;
  /** "0.0.0.0"; the commit's SHA */
  value: string;
  at: string;
}

/**
 * Host is a GitHub host that a person agreed to send a token to. The token
 * itself is in the keychain.
 */
export interface Host {
  host: string;
  login: string;
  /** "classic", "fine-grained", "app", "unknown" */
  kind?: string;
  /** of a classic token */
  scopes?: string[];
  expires?: string;
  /**
   * From says where the token is, in words for a person: "" = in the keychain.
   * Only those are stored; [ThisRun] and others end with the engine.
   */
  from?: string;
}

/**
 * TargetQuery asks what a cluster offers as a target. The more of it is given,
 * the narrower the answer.
 */
export interface TargetQuery {
  /** "" = the current one */
  context: string;
  /** "" asks for the namespaces */
  namespace?: string;
  /** "" = Service; never Proxy or Expose */
  kind?: WorkloadType;
  /** "" asks for the names */
  name?: string;
}

/**
 * Targets is the answer to a [TargetQuery]. One list is filled at a time; all are
 * sorted, none is nil.
 */
export interface Targets {
  namespaces: string[];
  names: string[];
  ports: TargetPort[];
  /** there are more than are listed */
  more: boolean;
}

/** TargetPort is a port that a service offers or a container declares. */
export interface TargetPort {
  name?: string;
  number: number;
  /** "TCP", "UDP" or "SCTP" */
  protocol: string;
}

/** Target is where a forward leads, with defaults filled in. */
export interface Target {
  /** kubeconfig context; "" = current-context at start */
  context: string;
  /** "" = the context's own */
  namespace: string;
  /** never "" */
  kind: WorkloadType;
  name?: string;
  /** pods by label, instead of Name */
  selector?: string;
  port: number | string | null;
}

/**
 * Forward is one entry in force on this machine: what the team says, with this
 * machine's edits and overrides applied.
 */
export interface Forward {
  id: ID;
  /** [Mine] for a local-only entry */
  source: string;
  environment: string;
  file?: string;
  key: string;
  /** effective */
  entry: Entry;
  /** as the repository has it; equal to Entry where nothing differs */
  team: Entry;
  edited?: boolean;
  protected?: boolean;
  local: Local;
}

/** Phase is the state of a forward, from facts and never from a guess. */
export type Phase = "off" | "listening" | "connecting" | "ready" | "waiting" | "sign-in-needed" | "denied" | "unreachable" | "port-busy" | "changed-confirm" | "unsupported" | "stalled";

/** Status is what is observed of one forward. */
export interface Status {
  phase: Phase;
  /** why it is not up */
  fault?: Fault;
  /** host:port, actually listening */
  addresses?: string[];
  /** namespace/name of the last upgrade */
  pod?: string;
  /** "websocket" or "spdy" */
  leg?: string;
  notice?: string;
  /** Since is when the phase began; zero for a forward that is off. */
  since?: string;
}

/**
 * Counters is what one forward has carried since it was started. Counters change
 * all the time and are no part of the [View]: a face asks for those of the rows
 * that it shows, and a rate is the difference of two answers.
 */
export interface Counters {
  id: ID;
  /** local connections that are open now */
  live: number;
  /** local connections so far, live ones included */
  total: number;
  /** bytes that came from local clients, for the pod */
  sent: number;
  /** bytes that came from the pod, for local clients */
  received: number;
  /**
   * FirstByteMS is how long the newest connection that got an answer waited for
   * its first byte from the pod, from being accepted, in milliseconds and at
   * least 1; 0 = none got any.
   */
  first_byte_ms: number;
}

/** SyncPhase is the state of a source. */
export type SyncPhase = "idle" | "syncing" | "waiting" | "stalled";

/** SourceStatus is what is observed of one source. */
export interface SourceStatus {
  phase: SyncPhase;
  /** while syncing: "checking", "reading 3 of 12 files", … */
  step?: string;
  fault?: Fault;
  last_sync?: string;
  /** when the timer will sync */
  next?: string;
  /** of the last sync */
  requests?: number;
  /** as the host last told; zero where it tells none */
  quota?: Quota;
}

/**
 * Quota is how many requests a host allows the token, or, without one, this
 * address (docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
export interface Quota {
  left: number;
  /** an hour; 0 = the host sets none */
  limit: number;
  /** when Left is Limit again */
  reset?: string;
}

/** ForwardView is a forward with its status. */
export interface ForwardView extends Forward {
  status: Status;
  /**
   * Holders says who keeps it wanted for a while, such as "run (pid 42)". It is
   * wanted, here, also where no person started it.
   */
  holders?: string[];
}

/** SourceView is a source with its status. Its base is summed up, not listed. */
export interface SourceView extends SourceConfig {
  commit: Commit;
  /** that appear, by Order, then by name */
  environments: EnvironmentView[];
  /** that Enabled lets not appear, by name */
  hidden?: string[];
  forwards: number;
  /** of the files that are broken at Commit */
  invalid?: Problem[];
  status: SourceStatus;
  /** nil: nothing waits for a yes */
  review?: ReviewView;
  /** nil: the source goes on */
  held?: HeldView;
}

/** ReviewView is a commit that waits for a yes. */
export interface ReviewView {
  commit: Commit;
  /** when this commit began to wait */
  since: string;
  /** rows of the plan */
  changes: number;
}

/** HeldView is a source that is held, with what waits for it to go on. */
export interface HeldView extends Held {
  /** that the repository is at meanwhile; zero: no other */
  newer?: Commit;
  /** that going on would make */
  changes: number;
}

/**
 * EnvironmentView is one environment of a source. Title, Description, Color and
 * Order are what its files say; where several do, the first by path that says
 * it. An environment without forwards is listed too.
 */
export interface EnvironmentView {
  name: string;
  title?: string;
  description?: string;
  /** "#rgb", "#rrggbb" or a plain name */
  color?: string;
  protected?: boolean;
  order?: number;
  /** the first of its files; "" where the repository has none any more */
  file?: string;
  forwards: number;
}

/**
 * Notice is something that happened by itself and that a person should know, such
 * as forwards that run again after a crash.
 */
export interface Notice {
  at: string;
  /** a stable slug, such as "resumed" */
  code: string;
  message: string;
}

/**
 * Event is something that happened to one forward: a new phase, a change that a
 * person made here, or what a sync brought.
 */
export interface Event {
  at: string;
  /** that began; "" for a change of the entry */
  phase?: Phase;
  /** one line for a person */
  text: string;
}

/** Undo is the newest local change that can be taken back. */
export interface Undo {
  id: string;
  at: string;
  /** what was done: "removed dev/db" */
  text: string;
}

/**
 * View is the read model that every face draws: the state and all statuses at
 * one revision.
 */
export interface View {
  revision: number;
  sources: SourceView[];
  forwards: ForwardView[];
  superseded: Superseded[];
  /** since the engine's start, oldest first */
  notices: Notice[];
  accounts: Host[];
  /**
   * Asking says what a person is asked for now, outside of this program: "unlock
   * your keyring …". Empty at most times.
   */
  asking?: string;
  /** no timer syncs; a person still can */
  paused: boolean;
  /** nil: there is nothing to take back */
  undo?: Undo;
}

/** SignIn is a token to check and keep. */
export interface SignIn {
  host: string;
  /** "" = derived from Host */
  api_url?: string;
  token: string;
  /** ThisRun keeps the token in the engine's memory, and out of the keychain. */
  this_run?: boolean;
}

/** DeviceCode is a sign-in with a code that has begun. */
export interface DeviceCode {
  /** for [API.DeviceWait] */
  id: string;
  user_code: string;
  /** where the person enters it */
  verification_uri: string;
  expires_at: string;
  /** seconds between looks at the host */
  interval: number;
}

/** SignOut names an account to forget. */
export interface SignOut {
  host: string;
  /** "" = the host's only account */
  login?: string;
  /** Forget the account also where the keychain does not let go of the token. */
  forget?: boolean;
}

/** SignedOut is an account that is forgotten. */
export interface SignedOut {
  host: string;
  login: string;
  /** Left says why the token may still be in the keychain; nil where it is not. */
  left?: Fault;
}

/** Version names the program and API that are running. */
export interface Version {
  version: string;
  commit?: string;
  /** raised when a method changes incompatibly */
  api: number;
  pid: number;
  home: string;
}

/** AddSource names a repository to follow. */
export interface AddSource {
  /** Repository is anything that [portolan.ParseRepository] accepts. */
  repository: string;
  /**
   * Config holds the other settings; Repo.APIURL may be set. An empty Name is
   * derived from the repository's.
   */
  config: SourceConfig;
}

/** Access is what a look at a repository found. */
export interface Access {
  /** as the host calls it now */
  repo: Repository;
  private: boolean;
  default_branch: string;
  /** the first 100 by name */
  branches: string[];
  /** that was looked at */
  commit: Commit;
  /** that would be followed, by path */
  files: AccessFile[];
  /** of the first sync */
  rows: Row[];
  /**
   * Uses is what the files name for contexts, in their order. It is empty where
   * this machine's kubeconfig cannot be read.
   */
  uses: ContextUse[];
  /** whose token was used; "" where none was, or nobody knows */
  login: string;
}

/** AccessFile is one environment file of a repository that was looked at. */
export interface AccessFile {
  path: string;
  environment: string;
  entries: number;
  problems: Problem[];
}

/** SyncResult says what one sync of one source did, or, for a preview, would do. */
export interface SyncResult {
  source: string;
  commit: Commit;
  changed: boolean;
  /** without the unchanged */
  rows: Row[];
  requests: number;
  fault?: Fault;
  /** Waits is set where nothing was changed: the rows wait for a person. */
  waits?: Wait;
  /**
   * Problems are warnings and notices of files that are taken all the same, such
   * as a value that looks like a secret.
   */
  problems?: Problem[];
  /**
   * Invalid is what is wrong with the files that are broken at Commit. A file has
   * a row only when that is news.
   */
  invalid?: Problem[];
}

/** Review is a commit that waits for a person, and what it would change. */
export interface Review {
  source: string;
  commit: Commit;
  /** when this commit began to wait */
  since?: string;
  /** without the unchanged */
  rows: Row[];
}

/** DiffQuery names two revisions of a source. */
export interface DiffQuery {
  source: string;
  /** 0 = before the first one, when there was nothing */
  from: number;
  /** 0 = what is in force */
  to: number;
}

/** Contexts is what there is to know about kubeconfig contexts. */
export interface Contexts {
  /** of this machine, by name */
  contexts: KubeContext[];
  /** what the environments name, in view order */
  uses: ContextUse[];
}

/** Revision sums up one point of a source's history. */
export interface Revision {
  number: number;
  /** when it came into force on this machine */
  at: string;
  source: string;
  /** what a person did; "" for what came in */
  text?: string;
  commit: Commit;
  /**
   * Known is false where an old file can no longer be read, so that nobody can
   * tell what changed.
   */
  known: boolean;
  added: number;
  /** or renamed */
  updated: number;
  deleted: number;
  /** files that were broken then */
  invalid: number;
}

/**
 * Selection names forwards. Names are "[SOURCE:][ENV/]NAME" or ids; a name that
 * fits several is an error that lists them. Environment and All select by
 * themselves.
 */
export interface Selection {
  names?: string[];
  environment?: string;
  source?: string;
  all?: boolean;
}

/** Fields are values of an entry by JSON name; null clears. */
export type Fields = Record<string, unknown>;

/** Answer settles a superseded edit. */
export type Answer = "keep" | "dismiss";

export interface AddEntryArguments {
  environment: string;
  fields: Fields;
}

export interface EditEntryArguments {
  id: ID;
  fields: Fields;
  here: boolean;
}

export interface RemoveSourceArguments {
  name: string;
  keep: boolean;
}

export interface ImportFileArguments {
  environment: string;
  data: string;
}

export interface AnswerArguments {
  superseded: string;
  answer: Answer;
}

export interface MapContextArguments {
  environment: string;
  team: string;
  mine: string;
}

export interface RevokeArguments {
  source: string;
  effect: string;
  value: string;
}

export interface SetSettingArguments {
  name: string;
  value: string;
}

export interface FavouriteArguments {
  id: ID;
  on: boolean;
}

export interface RevisionOfArguments {
  source: string;
  number: number;
}

export interface ApproveArguments {
  source: string;
  sha: string;
}

export interface HistoryArguments {
  source: string;
  limit: number;
}

export interface RaiseArguments {
  page?: string;
}

/** Every method by its path: what its request holds, and what it answers. */
export interface Methods {
  "version": { body: Record<string, never>; answer: Version };
  "view": { body: Record<string, never>; answer: View };
  "changes": { body: number; answer: Changes };
  "counters": { body: ID[]; answer: Counters[] };
  "source/add": { body: AddSource; answer: SyncResult };
  "look": { body: AddSource; answer: Access };
  "source/set": { body: SourceConfig; answer: Record<string, never> };
  "source/remove": { body: RemoveSourceArguments; answer: Record<string, never> };
  "source/confirm": { body: string; answer: SyncResult };
  "sync": { body: string[]; answer: SyncResult[] };
  "preview": { body: string[]; answer: SyncResult[] };
  "pause": { body: boolean; answer: Record<string, never> };
  "review": { body: string; answer: Review };
  "review/approve": { body: ApproveArguments; answer: SyncResult };
  "source/hold": { body: string; answer: Record<string, never> };
  "source/resume": { body: string; answer: SyncResult };
  "source/restore": { body: RevisionOfArguments; answer: SyncResult };
  "start": { body: Selection; answer: ForwardView[] };
  "stop": { body: Selection; answer: ForwardView[] };
  "add": { body: AddEntryArguments; answer: ForwardView };
  "edit": { body: EditEntryArguments; answer: ForwardView };
  "remove": { body: ID; answer: Record<string, never> };
  "import": { body: ImportFileArguments; answer: Row[] };
  "favourite": { body: FavouriteArguments; answer: Record<string, never> };
  "favourite/order": { body: ID[]; answer: Record<string, never> };
  "undo": { body: string; answer: Record<string, never> };
  "events": { body: ID; answer: Event[] };
  "kubectl": { body: ID; answer: string };
  "export": { body: Selection; answer: string };
  "confirm": { body: ID; answer: ForwardView };
  "answer": { body: AnswerArguments; answer: Record<string, never> };
  "context/map": { body: MapContextArguments; answer: Record<string, never> };
  "context/list": { body: Record<string, never>; answer: Contexts };
  "targets": { body: TargetQuery; answer: Targets };
  "checkup": { body: Record<string, never>; answer: Check[] };
  "trust/list": { body: Record<string, never>; answer: Consent[] };
  "trust/revoke": { body: RevokeArguments; answer: Record<string, never> };
  "settings/list": { body: Record<string, never>; answer: Setting[] };
  "settings/set": { body: SetSettingArguments; answer: Setting };
  "history": { body: HistoryArguments; answer: Revision[] };
  "history/rows": { body: RevisionOfArguments; answer: Row[] };
  "diff": { body: DiffQuery; answer: Row[] };
  "auth/sign-in": { body: SignIn; answer: Host };
  "auth/device": { body: string; answer: DeviceCode };
  "auth/device-wait": { body: string; answer: Host };
  "auth/sign-out": { body: SignOut; answer: SignedOut };
  "auth/accounts": { body: Record<string, never>; answer: Host[] };
  "web/link": { body: Record<string, never>; answer: string };
  "raise": { body: RaiseArguments; answer: boolean };
  "raised": { body: Record<string, never>; answer: RaiseArguments };
  "log-level": { body: string; answer: Record<string, never> };
  "shutdown": { body: Record<string, never>; answer: Record<string, never> };
  "quit": { body: Record<string, never>; answer: Record<string, never> };
}
