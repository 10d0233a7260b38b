import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { openBrowser, openPage, type Watched } from "./browser";
import { Demo } from "./demo";

/** A port of this machine that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** What a person does on the first day, on the real engine. The steps follow each other on one page. */
describe("a day with a team's forwards", () => {
  let browser: Browser;
  let demo: Demo;
  let watched: Watched;
  let page: Page;
  let port: number;

  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), Demo.start()]);
    watched = await openPage(browser);
    page = watched.page;
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const row = (name: string) =>
    page.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
  const palette = async (words: string) => {
    await page.keyboard.press("Control+k");
    await page.getByLabel("Forwards, environments, what to do").fill(words);
    await page.getByRole("dialog", { name: "Palette" }).getByText(words).first().click();
  };

  test("the link signs in, and leaves the address bar", async () => {
    await page.goto(demo.link);
    await page.getByRole("heading", { name: "All forwards" }).waitFor();
    await row("shop").first().waitFor();
    expect(page.url()).not.toContain("code=");
  });

  test("a source goes, and comes back by its address, after a look at it", async () => {
    await page.goto(page.url().replace(/#.*|$/, "#/source/team"));
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Remove the source…" }).click();
    const dialog = page.getByRole("dialog", { name: /^Stop following/ });
    await dialog.getByRole("radio", { name: /^Remove/ }).check();
    await dialog.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("button", { name: "Check access" }).waitFor();
    await page.getByLabel("Repository").fill(demo.repository);
    await page.getByRole("button", { name: "Check access" }).click();
    await expectAccessible(page, "the access to a repository");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: /^Preview/ }).click();
    await page.getByText("postgres").first().waitFor();
    await page.getByRole("button", { name: "Add source" }).last().click();
    await page.getByRole("link", { name: /^development/ }).waitFor();
  });

  test("a forward starts and carries", async () => {
    await page.getByRole("link", { name: /^development/ }).click();
    await page.getByRole("heading", { name: /development/i }).waitFor();
    const shop = row("shop");
    await shop.getByRole("button", { name: "Off" }).waitFor();
    await shop.getByRole("button", { name: "Start shop" }).click();
    await shop.getByRole("button", { name: "Listening" }).waitFor();
    const address = /127\.0\.0\.1:\d+/.exec(await shop.innerText())?.[0];
    const answer = await fetch(`http://${address}/`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("shop");
    await shop.getByRole("button", { name: "Ready" }).waitFor();
  });

  test("the page comes back after a reload, without the link", async () => {
    await page.reload();
    await row("shop").getByRole("button", { name: "Stop shop" }).waitFor();
  });

  test("production asks first, and No is the safe answer", async () => {
    await page.getByRole("link", { name: /^production/ }).click();
    await page.getByRole("heading", { name: /production/i }).waitFor();
    await page
      .getByRole("button", { name: /^Start (?!all)/ })
      .first()
      .click();
    const question = page.getByRole("dialog", { name: /in production\?/ });
    await question.waitFor();
    await page.keyboard.press("Enter");
    await question.waitFor({ state: "hidden" });
    expect(await page.getByRole("button", { name: /^Stop (?!all)/ }).count()).toBe(0);
  });

  test("an edit holds, and the repository wins over it", async () => {
    await palette("Pause syncing");
    await page.getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("link", { name: /^development/ }).click();
    await row("shop").getByRole("button", { name: "shop", exact: true }).click();
    await page.getByRole("complementary", { name: /shop/ }).getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit shop" });
    port = await freePort();
    await dialog.getByLabel("Local port").fill(String(port));
    await dialog.getByText("Until the next sync", { exact: true }).click();
    await dialog.getByRole("button", { name: "Save until the next sync" }).click();
    await dialog.waitFor({ state: "hidden" });
    await row("shop").getByText(String(port)).waitFor();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

    demo.commit("development.json", "The web shop", "The shop on the web", "Say it better");
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByText("The shop on the web").first().waitFor();
    await row("shop").getByText(String(port)).waitFor({ state: "hidden" });
  });

  test("the changes show the commit and the edit that it overruled", async () => {
    await page.getByRole("link", { name: /^Changes/ }).click();
    await page.getByRole("heading", { name: "Say it better" }).waitFor();
    await page.getByRole("heading", { name: "Your edit of shop was superseded" }).waitFor();
    await page.getByText(`${port} yours`).waitFor();
    await page.getByText("The shop on the web", { exact: true }).waitFor();
    await expectAccessible(page, "changes of the real engine");
  });

  test("an answer can be taken back", async () => {
    const edit = page.getByRole("region", { name: "Your edit of shop" });
    await edit.getByRole("button", { name: "Dismiss" }).click();
    await edit.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Undo" }).last().click();
    await edit.waitFor();
    await edit.getByRole("button", { name: "Keep as my own" }).click();
    await edit.waitFor({ state: "hidden" });
    await page.getByRole("link", { name: /^My forwards/ }).click();
    await row("shop").waitFor();
  });

  test("nothing went wrong in the page", () => {
    expect(watched.errors).toEqual([]);
  });

  test("a link counts once", async () => {
    const other = await openPage(browser);
    await other.page.goto(demo.link);
    await other.page.getByRole("heading", { name: "This link is used up" }).waitFor();
    await expectAccessible(other.page, "a used link");
    await other.close();
  });

  test("an engine that ends is said, and what was seen stays", async () => {
    await demo.stop();
    await page.getByText(/Portolan does not answer/).waitFor();
    await row("shop").waitFor();
  });
});
