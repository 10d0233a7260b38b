import { afterEach, expect, test, vi } from "vitest";
import { type Backend, FaultError } from "../backend";
import { connect } from "../backend/backend";
import { fakeCall } from "../backend/fake";
import { follow, makeStore } from "./store";

afterEach(() => vi.useRealTimers());

test("the view follows the engine's changes", async () => {
  const backend = connect(fakeCall());
  const store = makeStore();
  const stop = new AbortController();
  const followed = follow(store, backend, stop.signal);
  await vi.waitFor(() => expect(store.get().link).toBe("live"));
  const off = store.get().view.forwards.find((f) => f.status.phase === "off" && !f.protected);
  await backend.start({ names: [off?.id ?? ""] });
  await vi.waitFor(() =>
    expect(store.get().view.forwards.find((f) => f.id === off?.id)?.status.phase).toBe("listening"),
  );
  stop.abort();
  await followed;
});

test("an agent that is gone is asked again, and everything is read anew", async () => {
  vi.useFakeTimers();
  const lost = new FaultError({ kind: "unavailable", code: "connection-lost", message: "gone" });
  const asked: number[] = [];
  const whole = { ...makeStore().get().view, revision: 5, whole: true };
  const answers = [
    () => Promise.resolve(whole),
    () => Promise.reject(lost),
    () => Promise.reject(lost),
    () => Promise.resolve(whole),
    () => new Promise<never>(() => {}),
  ];
  const backend = {
    changes: (since: number) => {
      asked.push(since);
      return answers[asked.length - 1]?.() ?? new Promise<never>(() => {});
    },
  } as Pick<Backend, "changes">;
  const store = makeStore();
  const stop = new AbortController();
  void follow(store, backend, stop.signal);
  await vi.advanceTimersByTimeAsync(10);
  expect(store.get()).toMatchObject({
    link: "lost",
    fault: { code: "connection-lost" },
    view: { revision: 5 },
  });
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.get().link).toBe("live");
  expect(store.get().fault).toBeUndefined();
  expect(asked).toEqual([0, 5, 0, 0, 5]);
  stop.abort();
});

test("a session that is over is not asked again", async () => {
  const changes = vi
    .fn()
    .mockRejectedValue(new FaultError({ kind: "unavailable", code: "session-ended", message: "" }));
  const store = makeStore();
  await follow(store, { changes }, new AbortController().signal);
  expect(store.get().link).toBe("ended");
  expect(changes).toHaveBeenCalledOnce();
});
