import { expect, test } from "vitest";
import type { Counters } from "../backend";
import { CounterPoll, points } from "./counters";

/** A poll whose clock and counters a test moves. */
function stage() {
  let now = 0;
  const counters: Record<string, Counters> = {};
  const asked: string[][] = [];
  const poll = new CounterPoll(
    {
      counters: async (ids) => {
        asked.push(ids);
        return ids.map(
          (id) => counters[id] ?? { id, live: 0, total: 0, sent: 0, received: 0, first_byte_ms: 0 },
        );
      },
    },
    () => now,
  );
  const tick = async (ms: number, id: string, received: number, live = 1) => {
    now += ms;
    counters[id] = { id, live, total: live, sent: 0, received, first_byte_ms: 0 };
    await poll.poll();
    return poll.of(id).get();
  };
  return { poll, asked, tick };
}

test("only what is on the screen is asked for, once however often it is shown", async () => {
  const { poll, asked, tick } = stage();
  await poll.poll();
  expect(asked).toEqual([]);
  const gone = poll.watch("a");
  const still = poll.watch("a");
  await tick(1000, "a", 0);
  gone();
  await tick(1000, "a", 0);
  still();
  await tick(1000, "a", 0);
  expect(asked).toEqual([["a"], ["a"]]);
});

test("a rate is the difference of two answers", async () => {
  const { poll, tick } = stage();
  poll.watch("a");
  expect((await tick(1000, "a", 5000))?.rate).toBe(0); // it has carried that since who knows when
  expect(await tick(1000, "a", 7000, 3)).toMatchObject({ rate: 2000, live: 3 });
  expect((await tick(500, "a", 8000))?.rate).toBe(2000);
  expect((await tick(1000, "a", 10))?.rate).toBe(0); // a new engine counts from zero
  expect((await tick(60_000, "a", 9000))?.rate).toBe(0); // it was out of sight
});

test("five answers make a point, the newest is the mean so far", async () => {
  const { poll, tick } = stage();
  poll.watch("a");
  await tick(1000, "a", 0);
  for (let i = 1; i <= 4; i++) await tick(1000, "a", i * 100);
  expect(poll.of("a").get()?.series).toEqual([100]);
  await tick(1000, "a", 1400);
  expect(poll.of("a").get()?.series).toEqual([280]);
  await tick(1000, "a", 1500);
  expect(poll.of("a").get()?.series).toEqual([280, 100]);
  for (let i = 0; i < 300; i++) await tick(1000, "a", 1600 + 100 * i);
  expect(poll.of("a").get()?.series.length).toBe(points);
});

test("an agent that does not answer leaves the last numbers", async () => {
  const poll = new CounterPoll({ counters: () => Promise.reject(new Error("gone")) });
  poll.watch("a");
  await expect(poll.poll()).resolves.toBeUndefined();
});
