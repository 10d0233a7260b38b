import { expect, test } from "vitest";
import { asEnvironmentFile, LineError } from "./kubectl-lines";

const read = (text: string) => JSON.parse(asEnvironmentFile(text));

test.each([
  ["kubectl port-forward svc/api 8080:http", { service: "api", remote_port: "http", local_port: 8080 }],
  ["$ kubectl port-forward service/api 80 &", { service: "api", remote_port: 80, local_port: 80 }],
  ["kubectl port-forward svc/api :80", { service: "api", remote_port: 80, local_port: 0 }],
  [
    "kubectl -n orders --context=dev port-forward deploy/web 3000 --address 0.0.0.0",
    {
      workload_type: "deployment",
      service: "web",
      namespace: "orders",
      context: "dev",
      remote_port: 3000,
      local_port: 3000,
      local_address: "0.0.0.0",
    },
  ],
  [
    'kubectl port-forward --namespace "team a" web-0 \\\n  5432 --address localhost',
    { workload_type: "pod", pod_name: "web-0", namespace: "team a", remote_port: 5432, local_port: 5432 },
  ],
  [
    "/usr/bin/kubectl port-forward statefulsets.apps/db 15432:5432 --pod-running-timeout=1m0s",
    { workload_type: "statefulset", service: "db", remote_port: 5432, local_port: 15432 },
  ],
])("%s", (line, entry) => {
  const [first] = read(line);
  expect(first).toMatchObject(entry);
  expect(first.alias).toBe(first.service ?? first.pod_name);
});

test("one entry for each port, with names of their own", () => {
  const [a, b] = read("# databases\n\nkubectl port-forward svc/db 5432 metrics:9127".replace("metrics:", ""));
  expect([a.alias, b.alias]).toEqual(["db-5432", "db-9127"]);
});

test("several lines", () =>
  expect(read("kubectl port-forward svc/a 1\nkubectl port-forward svc/b 2")).toHaveLength(2));

test.each(['[{"service":"a"}]', "", "hello"])("%j stays what it is, for the engine to judge", (text) =>
  expect(asEnvironmentFile(text)).toBe(text),
);

test.each([
  ["kubectl get pods", "Line 1: it is not kubectl port-forward"],
  ["kubectl port-forward svc/a", "Line 1: it names no target and port"],
  ["kubectl port-forward svc/a 1\nhelm install", "Line 2: it does not begin with kubectl"],
  ["kubectl port-forward cm/a 1", "Line 1: cm/a is not TYPE/NAME"],
  ["kubectl port-forward svc/a 1:2:3", "Line 1: 1:2:3 is not [LOCAL:]REMOTE"],
  ["kubectl port-forward svc/a 1 --as root", "Line 1: --as is not understood"],
  ["kubectl port-forward svc/a 1 -n", "Line 1: -n needs a value"],
  [
    "kubectl port-forward svc/a 1 --address 127.0.0.1,::1",
    "Line 1: --address names several; an entry has one",
  ],
])("%s", (text, words) => expect(() => asEnvironmentFile(text)).toThrow(new LineError(words)));
