import type {
  Action,
  Check,
  Commit,
  Entry,
  Fault,
  FieldChange,
  ForwardView,
  Host,
  Phase,
  Revision,
  Row,
  SourceView,
  View,
  WorkloadType,
} from "./types";

/** An invented team: what design and unit tests run on. */

/** Minutes before now, as the wire has times. */
export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const head: Commit = {
  sha: "a41f9c2e7b10d4853f6612d0c9b7f1a2e3d40517",
  author: "Mara Lindqvist",
  message: "Move payments-db behind pgbouncer",
  time: ago(12),
  url: "https://github.com/acme/port-forwards/commit/a41f9c2e7b10d4853f6612d0c9b7f1a2e3d40517",
};

type Made = Partial<ForwardView["status"]> & {
  tags?: string;
  favourite?: boolean;
  rate?: number;
  live?: number;
};

let made = 0;

/** One forward: name, kind/target:port, address, and what is particular about it. */
function forward(
  environment: string,
  namespace: string,
  name: string,
  target: string,
  local: number,
  phase: Phase,
  more: Made = {},
): ForwardView {
  const { tags, favourite, rate: _rate, live: _live, ...status } = more;
  const [, kind = "svc", object = name, port = ""] = /^(\w+)\/(.*?):(\w+)$/.exec(target) ?? [];
  const kinds: Record<string, WorkloadType> = {
    svc: "service",
    deploy: "deployment",
    sts: "statefulset",
    pod: "pod",
  };
  const workload = kinds[kind] ?? "service";
  const entry: Entry = {
    alias: name,
    workload_type: workload,
    namespace,
    context: { development: "dev", staging: "staging", production: "prod" }[environment] ?? "warehouse",
    remote_port: /^\d+$/.test(port) ? Number(port) : port,
    local_port: local,
    ...(workload === "pod" ? { target: object } : { service: object }),
    ...(tags ? { tags: tags.split(" ") } : {}),
    ...(["http", "https", "80", "3000"].includes(port)
      ? { scheme: port === "https" ? "https" : "http" }
      : {}),
  };
  const source = environment === "analytics" ? "warehouse" : "port-forwards";
  made++;
  return {
    id: `f${made}`,
    source,
    environment,
    file: `${environment}.json`,
    key: `${namespace}/${name}`,
    entry,
    team: entry,
    ...(environment === "production" ? { protected: true } : {}),
    local: { wanted: phase !== "off", ...(favourite ? { favourite } : {}) },
    status: {
      phase,
      ...(phase === "off" ? {} : { addresses: [`127.0.0.1:${local}`], since: ago(43) }),
      ...(phase === "ready" ? { pod: `${namespace}/${object}-5f7c9d8b7-q8x2m`, leg: "websocket" } : {}),
      ...status,
    },
  };
}

function fault(kind: Fault["kind"], code: string, message: string, hint: string, retryIn?: number): Fault {
  return {
    kind,
    code,
    message,
    hint,
    ...(retryIn ? { retry: new Date(Date.now() + retryIn * 1000).toISOString() } : {}),
  };
}

/** Bytes a second and live connections of the forwards that are busy, by name. */
export const traffic: Record<string, [rate: number, live: number]> = {
  "checkout-api": [48_200, 3],
  "tax-rules-engine-legacy-adapter-grpc": [310, 1],
  "catalog-api": [1_300_000, 12],
  "catalog-redis": [6_400, 2],
  "payments-gateway-sandbox": [2_100, 1],
  grafana: [11_700, 4],
  "orders-api": [22_900, 2],
  "staging-storefront": [870, 1],
  "loki-tail": [5_200, 1],
};

function forwards(): ForwardView[] {
  made = 0;
  const dev = forward.bind(null, "development");
  const staging = forward.bind(null, "staging");
  const production = forward.bind(null, "production");
  const noRoute = () =>
    fault(
      "later",
      "cluster-unreachable",
      "no route to 10.20.0.1:6443",
      "Is the VPN on? Local ports stay open, and it is tried again by itself.",
      24,
    );
  const list = [
    dev("checkout", "checkout-api", "svc/checkout-api:http", 8080, "ready", {
      tags: "api team-checkout",
      favourite: true,
    }),
    dev(
      "checkout",
      "order-events-consumer-debug",
      "pod/app=order-events,component=consumer:5005",
      5005,
      "waiting",
      {
        fault: fault(
          "later",
          "no-ready-pod",
          "No ready pod: image is still being pulled",
          "It connects by itself when a pod is ready.",
          12,
        ),
        since: ago(1),
      },
    ),
    dev("checkout", "storefront-preview", "deploy/storefront-preview:3000", 3000, "listening", {
      tags: "web",
    }),
    dev(
      "checkout",
      "tax-rules-engine-legacy-adapter-grpc",
      "svc/tax-rules-engine-legacy-adapter:grpc",
      9095,
      "ready",
      { tags: "grpc legacy" },
    ),
    dev("catalog", "catalog-api", "svc/catalog-api:80", 8081, "ready", { tags: "api team-catalog" }),
    dev("catalog", "catalog-image-resizer", "svc/image-resizer:http", 8090, "off", { tags: "batch" }),
    dev("catalog", "catalog-redis", "sts/catalog-redis-primary:6379", 6379, "ready", { tags: "cache" }),
    dev("catalog", "catalog-search", "svc/opensearch-cluster-master:9200", 9200, "listening", {
      tags: "search team-catalog",
    }),
    dev("payments", "fraud-scoring", "svc/fraud-scoring:http", 8092, "off", { tags: "ml" }),
    dev("payments", "payments-db", "svc/payments-pgbouncer:6432", 5432, "port-busy", {
      tags: "postgres team-payments",
      favourite: true,
      addresses: [],
      fault: fault(
        "failed",
        "port-busy",
        "local port 5432 is taken by postgres (pid 4127)",
        "stop that, or listen on 15432 on this machine: portolan override payments-db local_port=15432",
      ),
    }),
    dev("payments", "payments-gateway-sandbox", "svc/payments-gateway-sandbox:https", 8443, "ready", {
      tags: "psp pci",
    }),
    dev("platform", "grafana", "svc/kube-prometheus-stack-grafana:80", 3001, "ready", {
      tags: "observability",
      favourite: true,
    }),
    dev("platform", "kafka-bootstrap", "svc/kafka-kafka-bootstrap:9094", 9094, "stalled", {
      fault: fault(
        "failed",
        "nothing-listens",
        "nothing listens on 9094 in pod kafka-0",
        "change the port, or the pod",
      ),
    }),
    dev("platform", "temporal-frontend", "svc/temporal-frontend:7233", 7233, "listening", { tags: "grpc" }),
    staging("orders", "ca-orders-api", "svc/orders-api:http", 8280, "unreachable", { fault: noRoute() }),
    staging("search", "ca-search-gateway-canary", "svc/search-gateway-canary:grpc", 9295, "unreachable", {
      fault: noRoute(),
    }),
    staging("orders", "ca-session-redis", "sts/session-redis:6379", 6479, "unreachable", {
      fault: noRoute(),
    }),
    staging("orders", "orders-api", "svc/orders-api:http", 8180, "ready", {
      tags: "api team-orders",
      favourite: true,
    }),
    staging("payments", "payments-db-readonly-replica", "svc/payments-pg-ro:5432", 15434, "off", {
      tags: "postgres",
    }),
    staging("orders", "returns-api", "svc/returns-api:http", 8190, "off", { tags: "api" }),
    staging("platform", "staging-grafana", "svc/kube-prometheus-stack-grafana:80", 3101, "off", {
      tags: "observability",
    }),
    staging("checkout", "staging-storefront", "deploy/storefront:3000", 3100, "ready", { tags: "web" }),
    staging("orders", "warehouse-sync-debug", "deploy/warehouse-sync:5005", 5105, "denied", {
      fault: fault(
        "sign-in",
        "cluster-denied",
        "your account may not create pods/portforward in namespace orders",
        "ask an administrator for the verb create on pods/portforward in orders",
      ),
    }),
    production("orders", "prod-orders-db", "svc/orders-db-primary:5432", 25433, "off", { tags: "postgres" }),
    production("payments", "prod-payments-ledger", "svc/payments-ledger:5432", 25440, "off", {
      tags: "postgres pci",
    }),
    production("platform", "prod-grafana", "svc/kube-prometheus-stack-grafana:80", 23001, "off", {
      tags: "observability",
    }),
    production("catalog", "prod-catalog-api", "svc/catalog-api:80", 28081, "off", { tags: "api" }),
    production("checkout", "prod-checkout-api", "svc/checkout-api:http", 28080, "off", { tags: "api" }),
    forward("analytics", "etl", "airflow-web", "svc/airflow-webserver:8080", 18080, "off", { tags: "web" }),
    forward("analytics", "etl", "clickhouse", "sts/clickhouse:8123", 18123, "off", { tags: "db" }),
    forward("analytics", "bi", "metabase", "svc/metabase:http", 18300, "off", { tags: "web" }),
    {
      ...dev("platform", "loki-tail", "svc/loki-gateway:80", 3200, "ready", { tags: "logs" }),
      source: "mine",
    },
    { ...dev("checkout", "checkout-debugger", "pod/app=checkout-api:4000", 4000, "off"), source: "mine" },
  ];
  for (const f of list)
    if (f.entry.context === "staging")
      f.entry.context = f.key.includes("/ca-") ? "acme-staging-ca1" : "acme-staging-eu1";
  const edited = list.find((f) => f.entry.alias === "payments-gateway-sandbox");
  if (edited) {
    edited.edited = true;
    edited.entry = { ...edited.team, local_port: 8444 };
    edited.status.addresses = ["127.0.0.1:8444"];
  }
  for (const f of list.filter((f) => f.source === "mine")) delete f.file;
  return list;
}

function source(
  name: string,
  repo: string,
  environments: SourceView["environments"],
  more: Partial<SourceView>,
): SourceView {
  return {
    name,
    repo: { host: "github.com", owner: "acme", name: repo },
    commit: head,
    environments,
    forwards: environments.reduce((sum, e) => sum + e.forwards, 0),
    status: {
      phase: "idle",
      last_sync: ago(0.4),
      next: new Date(Date.now() + 38_000).toISOString(),
      requests: 1,
      quota: { left: 4812, limit: 5000, reset: ago(-31) },
    },
    ...more,
  };
}

const account: Host = {
  host: "github.com",
  login: "mara-l",
  kind: "fine-grained",
  expires: ago(-60 * 24 * 6.5),
};

const wide: Host = {
  host: "git.acme-data.example",
  login: "mara.lindqvist",
  kind: "classic",
  scopes: ["repo", "read:org"],
};

/** Why a token stays in the keychain. */
export const keychainLocked: Fault = fault(
  "failed",
  "keychain-locked",
  "the keychain is locked",
  "unlock it and try again",
);

/** What a look at this computer finds. */
export const checkup: Check[] = [
  { area: "paths", name: "home", outcome: "ok", message: "/home/mara/.config/portolan can be written" },
  { area: "keychain", name: "keychain", outcome: "ok", message: "tokens can be kept" },
  {
    area: "kubeconfig",
    name: "prod",
    outcome: "warning",
    message: "no context prod on this computer; 5 forwards name it",
    hint: "map it to one of yours",
  },
  { area: "github", name: "github.com", outcome: "ok", message: "answers in 84 ms, as mara-l" },
  {
    area: "rights",
    name: "acme-dev-eu1, namespace orders",
    outcome: "failed",
    message: "it lacks the right to create pods/portforward",
    hint: "ask whoever runs the cluster for this role, and a binding to it",
    role: `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: portolan
  namespace: orders
rules:
  - apiGroups: [""]
    resources: [pods, services]
    verbs: [get, list, watch]
  - apiGroups: [""]
    resources: [pods/portforward]
    verbs: [create]
`,
  },
];

/** The view of the invented team. */
export function team(): View {
  const list = forwards();
  return {
    revision: 1,
    sources: [
      source(
        "port-forwards",
        "port-forwards",
        [
          { name: "development", color: "teal", order: 1, file: "development.json", forwards: 14 },
          { name: "staging", color: "violet", order: 2, file: "staging.json", forwards: 9 },
          {
            name: "production",
            color: "orange",
            order: 3,
            file: "production.json",
            forwards: 5,
            protected: true,
          },
        ],
        { interval: "1m0s" },
      ),
      source(
        "warehouse",
        "warehouse",
        [{ name: "analytics", color: "ochre", file: "analytics.json", forwards: 3 }],
        {
          interval: "5m0s",
          commit: {
            ...head,
            sha: "5be20d1c9f",
            message: "Add metabase",
            author: "Jonas Weber",
            time: ago(60 * 26),
            url: "",
          },
        },
      ),
    ],
    forwards: list,
    superseded: [
      {
        id: "s1",
        forward: list.find((f) => f.entry.alias === "orders-api")?.id ?? "",
        source: "port-forwards",
        environment: "staging",
        alias: "orders-api",
        commit: head,
        edited_at: ago(55),
        at: ago(12),
        fields: [{ name: "local_port", before: 8180, after: 8181 }],
        entry: {
          alias: "orders-api",
          service: "orders-api",
          namespace: "orders",
          remote_port: "http",
          local_port: 8181,
        },
      },
    ],
    notices: [{ at: ago(50), code: "resumed", message: "12 forwards run again after a crash" }],
    accounts: [account, wide],
    paused: false,
  };
}

/** A view of that many forwards, for what must stay quick. */
export function crowd(size: number): View {
  const view = team();
  const some = view.forwards.filter((f) => f.environment === "development" && f.source !== "mine");
  const more: ForwardView[] = [];
  for (let i = view.forwards.length; i < size; i++) {
    const like = some[i % some.length];
    if (!like) break;
    const port = 10_000 + (i % 50_000);
    const entry = {
      ...like.entry,
      alias: `${like.entry.alias}-${i}`,
      namespace: `team-${Math.floor(i / 40)}`,
      local_port: port,
    };
    const address = like.status.addresses?.length ? { addresses: [`127.0.0.1:${port}`] } : {};
    more.push({
      ...like,
      id: `c${i}`,
      edited: false,
      local: {},
      entry,
      team: entry,
      status: { ...like.status, ...address },
    });
  }
  view.forwards = [...view.forwards, ...more].slice(0, size);
  return view;
}

/** The first forwards of a list, each in another phase: all that there are. */
export function eachPhase(forwards: ForwardView[]): ForwardView[] {
  const faults: Record<Phase, string> = {
    off: "",
    listening: "",
    connecting: "",
    ready: "",
    waiting: "no pod is ready",
    "sign-in-needed": "the cluster wants you to sign in",
    denied: "you may not create pods/portforward",
    unreachable: "the cluster does not answer",
    "port-busy": "port 5432 is taken by postgres (pid 4127)",
    "changed-confirm": "the team moved it to another cluster",
    unsupported: "UDP is not forwarded yet",
    stalled: "the pod has no port 7000",
  };
  return (Object.entries(faults) as Array<[Phase, string]>).flatMap(([phase, message], i) => {
    const like = forwards[i];
    const fault: Fault = { kind: "failed", code: "made-up", message };
    const approved = {
      context: "staging",
      namespace: "payments",
      kind: "service",
      name: "payments-postgres",
      port: 5432,
    } as const;
    const local = phase === "changed-confirm" ? { ...like?.local, approved } : like?.local;
    return like ? [{ ...like, local: local ?? {}, status: { phase, ...(message ? { fault } : {}) } }] : [];
  });
}

/** The history of the invented team, newest first: of the sources that it is asked for. */
export function revisions(): Revision[] {
  const rows: Array<[string, string, string, number, [number, number, number, number]]> = [
    [head.sha, head.message ?? "", head.author ?? "", 12, [1, 2, 0, 0]],
    [
      "5be20d7f10",
      "Tidy tags across all environments and describe every database",
      "Jonas Weber",
      90,
      [0, 11, 0, 0],
    ],
    ["c90f1ae3b2", "kafka: listen on 9094", "Priya Raman", 1240, [0, 1, 0, 0]],
    ["77d3b01e94", "Bump fraud-scoring", "renovate[bot]", 1350, [0, 0, 0, 1]],
    ["7c2e1b094f", "Remove legacy-pim and its three debug ports", "Mara Lindqvist", 1600, [0, 0, 4, 0]],
    ["b1d94e3a05", "Split staging into one file per team", "Jonas Weber", 10_400, [9, 0, 9, 0]],
    ["0d6a58c117", "First forwards", "Jonas Weber", 26_000, [28, 0, 0, 0]],
  ];
  return rows.map(([sha, message, author, minutes, [added, updated, deleted, invalid]], i) => ({
    number: rows.length - i,
    at: ago(minutes),
    source: "port-forwards",
    commit: {
      sha,
      message,
      author,
      time: ago(minutes + 1),
      url: `https://github.com/acme/port-forwards/commit/${sha}`,
    },
    known: true,
    added,
    updated,
    deleted,
    invalid,
  }));
}

/** What one of those revisions changed. */
export function revisionRows(number: number): Row[] {
  const row = (key: string, action: Action, fields: FieldChange[]): Row => ({
    source: "port-forwards",
    environment: "development",
    file: "development.json",
    key,
    kind: "forward",
    action,
    fields,
  });
  const revision = revisions().find((r) => r.number === number);
  if (revision?.commit.sha === head.sha)
    return [
      row("payments-db", "updated", [
        { name: "service", before: "payments-postgres", after: "payments-pgbouncer" },
        { name: "remote_port", before: 5432, after: 6432 },
        { name: "description", after: "Pooled; use for everything but migrations" },
      ]),
      row("catalog-redis", "updated", [
        { name: "workload_type", before: "service", after: "statefulset" },
        { name: "service", before: "catalog-redis", after: "catalog-redis-primary" },
      ]),
      row("temporal-frontend", "added", [
        { name: "service", after: "temporal-frontend" },
        { name: "remote_port", after: 7233 },
        { name: "local_port", after: 7233 },
      ]),
    ];
  if (revision?.invalid)
    return [
      {
        ...row("", "invalid", []),
        kind: "file",
        problems: [
          {
            file: "development.json",
            pointer: "/4/local_port",
            position: { line: 31, column: 19 },
            severity: "error",
            code: "port-range",
            message: "local_port is 84444, and ports end at 65535",
            hint: "choose one between 1 and 65535",
          },
        ],
      },
    ];
  const several = (n: number, action: Action, fields: (i: number) => FieldChange[]) =>
    Array.from({ length: n }, (_, i) => row(`${action}-${i + 1}`, action, fields(i)));
  return [
    ...several(revision?.updated ?? 0, "updated", () => [{ name: "tags", before: [], after: ["db"] }]),
    ...several(revision?.added ?? 0, "added", (i) => [{ name: "local_port", after: 8000 + i }]),
    ...several(revision?.deleted ?? 0, "deleted", (i) => [{ name: "local_port", before: 9000 + i }]),
  ];
}

/** The rows of a first sync of the invented team's repository, as they are of entries that are new. */
export function firstRows(): Row[] {
  return forwards()
    .filter((f) => f.source === "port-forwards")
    .map((f) => ({
      source: f.source,
      environment: f.environment,
      file: f.file ?? "",
      key: f.key,
      kind: "forward",
      action: "added",
      fields: Object.entries(f.team).map(([name, after]) => ({ name, after })),
    }));
}

/** What a repository may write in the place of a word: markup, direction marks, lines, and no end. */
const hostileWords = [
  `<img src=x onerror="window.harmed = true">`,
  "\u202egnorw\u202c \u2067\u05d0\u05d1\u2069",
  "one line\nand another\r\n\tand a third",
  `${"long".repeat(1024)}`,
  "🧭👩🏽‍🚀".repeat(20),
  "{{7*7}} javascript:void(0)",
];

/** The view of a team that writes what no team should, in every text that a file or a commit brings. */
export function hostile(): View {
  const view = team();
  let turn = 0;
  const word = () => hostileWords[turn++ % hostileWords.length] ?? "";
  for (const forward of view.forwards) {
    const texts = { alias: word(), service: word(), namespace: word(), context: word(), description: word() };
    Object.assign(forward.entry, texts, { tags: [word(), word()] });
    Object.assign(forward.team, texts);
    if (forward.status.fault) Object.assign(forward.status.fault, { message: word(), hint: word() });
    if (forward.status.pod) forward.status.pod = word();
  }
  for (const source of view.sources) {
    Object.assign(source.commit, { message: word(), author: word() });
    for (const environment of source.environments)
      Object.assign(environment, { title: word(), description: word() });
  }
  for (const edit of view.superseded) edit.alias = word();
  view.notices = hostileWords.map((message) => ({ at: ago(1), code: "told", message }));
  return view;
}

/** The view of the invented team on a bad day: a file is broken, one has nothing in it, and a repository has become empty. */
export function troubled(): View {
  const view = team();
  const [first, second] = view.sources;
  if (!first || !second) return view;
  first.invalid = [
    {
      file: "staging.json",
      pointer: "/3/local_port",
      position: { line: 14, column: 21 },
      severity: "error",
      code: "port-range",
      message: "local_port is 70000",
      hint: "a port is a number from 0 to 65535",
    },
  ];
  const asking = view.forwards.find((f) => f.entry.alias === "storefront-preview");
  if (asking) {
    asking.entry = { ...asking.entry, local_address: "0.0.0.0" };
    asking.status = {
      phase: "changed-confirm",
      fault: fault(
        "failed",
        "bind-confirm",
        "it asks to listen on 0.0.0.0, beyond this computer",
        "look at it, and say yes or no",
      ),
    };
  }
  second.environments.push({ name: "reports", color: "slate", file: "reports.json", forwards: 0 });
  second.status = {
    phase: "stalled",
    last_sync: ago(3),
    fault: fault(
      "failed",
      "source-empty",
      "the newest commit of acme/warehouse has no environment file",
      "if that is meant, say so with: portolan source confirm warehouse",
    ),
  };
  return view;
}
