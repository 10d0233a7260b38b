// Measures the built pages with 10,000 forwards in Chromium, for `go run ./build/dev bench desktop`:
//
//   node frontend/measure.mjs [FORWARDS]
//
// It prints one object: milliseconds by figure. A task is the page's main thread from one event to the next; its
// time is that thread's own (Chromium's trace has both), because a machine that is busy with something else would
// else be measured. The wall clock is printed beside it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const size = Number(process.argv[2] ?? 10_000);
const dist = fileURLToPath(new URL("dist", import.meta.url));
const kinds = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** Serves the built pages on a port of this machine. */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://x").pathname);
    try {
      const data = await readFile(join(dist, path === "/" ? "index.html" : path));
      response.setHeader("Content-Type", kinds[extname(path)] ?? "text/html");
      response.end(data);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** What the page's main thread did while act ran: thread and wall time of each task, in ms. */
async function traced(session, act) {
  const events = [];
  const take = ({ value }) => events.push(...value);
  session.on("Tracing.dataCollected", take);
  await session.send("Tracing.start", {
    traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "__metadata", "toplevel"] },
  });
  const result = await act();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  session.off("Tracing.dataCollected", take);
  const main = events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain");
  const ours = new Set(main.map((e) => `${e.pid}:${e.tid}`));
  const tasks = events
    .filter((e) => e.name === "RunTask" && e.dur !== undefined && ours.has(`${e.pid}:${e.tid}`))
    .map((e) => ({ cpu: (e.tdur ?? e.dur) / 1000, wall: e.dur / 1000 }));
  return { tasks, result };
}

const longest = (tasks, by) => Math.max(0, ...tasks.map((task) => task[by]));
const sum = (tasks) => tasks.reduce((all, task) => all + task.cpu, 0);

/** The same act, waited for in the page: from now until the frame in which done holds has been drawn. */
function untilDrawn(page, act, done, argument) {
  return page.evaluate(
    ([act, done, argument]) =>
      new Promise((resolve, reject) => {
        const holds = new Function("argument", `return ${done}`);
        const began = performance.now();
        const look = () => {
          if (!holds(argument)) return;
          watch.disconnect();
          requestAnimationFrame(() => {
            const channel = new MessageChannel(); // its task comes after the frame's
            channel.port1.onmessage = () => resolve(performance.now() - began);
            channel.port2.postMessage(undefined);
          });
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, {
          subtree: true,
          childList: true,
          attributes: true,
          characterData: true,
        });
        new Function("argument", act)(argument);
        look();
        setTimeout(() => reject(new Error(`not drawn in 10 s: ${done} ${JSON.stringify(argument)}`)), 10_000);
      }),
    [act, done, argument],
  );
}

/** Scrolls by the wheel, and jumps as one does who drags the bar. */
async function scroll(page) {
  const box = await page.locator('[role="grid"]').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; i < 40; i++) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(16);
  }
  for (const part of [0.9, 0.1, 0.5, 0.3, 0.7, 1, 0]) {
    await page.evaluate((part) => {
      const grid = document.querySelector('[role="grid"]');
      grid.scrollTop = part * grid.scrollHeight;
    }, part);
    await page.waitForTimeout(50);
  }
}

/** The search takes a text: as a key does, and the rows are those that it finds. */
const type = `
  const input = document.getElementById("search");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, argument.text);
  input.dispatchEvent(new Event("input", { bubbles: true }));`;
const found = `document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount") !== argument.before`;
const rows = (page) =>
  page.evaluate(() => document.querySelector('[role="grid"]')?.getAttribute("aria-rowcount") ?? null);

async function measure(page, session) {
  const figures = {};
  const scrolled = await traced(session, () => scroll(page));
  figures.scroll = longest(scrolled.tasks, "cpu");
  figures.scroll_wall = longest(scrolled.tasks, "wall");

  figures.search = figures.search_wall = 0;
  await page.locator("#search").focus();
  await page.waitForTimeout(200);
  for (const text of ["o", "or", "ord", "orders-api-9", ""]) {
    const before = await rows(page);
    const { tasks, result } = await traced(session, () => untilDrawn(page, type, found, { text, before }));
    figures.search = Math.max(figures.search, sum(tasks.filter((task) => task.cpu > 0.5)));
    figures.search_wall = Math.max(figures.search_wall, result);
  }

  figures.change = figures.change_wall = 0;
  for (let i = 0; i < 5; i++) {
    const name = await page.evaluate(
      (i) => document.querySelectorAll('[role="row"] [aria-label^="Stop "]')[i]?.getAttribute("aria-label"),
      i,
    );
    const { tasks, result } = await traced(session, () =>
      untilDrawn(
        page,
        "document.querySelector(argument).click()",
        "!document.querySelector(argument)",
        `[aria-label="${name}"]`,
      ),
    );
    figures.change = Math.max(figures.change, sum(tasks.filter((task) => task.cpu > 0.5)));
    figures.change_wall = Math.max(figures.change_wall, result);
    await page.waitForTimeout(1500);
  }
  return figures;
}

const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const session = await browser.newBrowserCDPSession();
  await page.goto(`http://127.0.0.1:${server.address().port}/?fake=${size}#/all`);
  await page.locator('[role="row"][data-forward]').first().waitFor();
  await page.waitForTimeout(2000);
  process.stdout.write(`${JSON.stringify(await measure(page, session))}\n`);
} finally {
  await browser.close();
  server.close();
}
