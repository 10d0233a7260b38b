import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";

/** A browser and the built pages, from the first test of a file or of a describe to its last. */
export function pagesInBrowser() {
  let browser: Browser;
  let pages: Pages;
  beforeAll(async () => {
    [browser, pages] = await Promise.all([openBrowser(), Pages.serve()]);
  });
  afterAll(async () => {
    await browser?.close();
    pages?.close();
  });
  return {
    /** The address of a page on an invented team; asked is as in openDoor. */
    at: (hash: string, asked?: string) => pages.at(hash, asked),
    /** Looks at a page of its own, in which nothing may go wrong. */
    withPage: (options: BrowserContextOptions, look: (page: Page) => Promise<void>) =>
      withPage(browser, options, look),
  };
}

/** A browser without a head, the one that the environment names. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.PORTOLAN_CHROMIUM;
  if (!executablePath) throw new Error("PORTOLAN_CHROMIUM names no browser; go run ./build/dev test does");
  // As root, which containers are, Chromium has no sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

/** The local address in a row of the list, as it is copied. */
export async function addressIn(row: Locator): Promise<string> {
  const label = await row.getByRole("button", { name: /^Copy / }).getAttribute("aria-label");
  return label?.replace("Copy ", "") ?? "";
}

/** A page, and what went wrong in it. */
export interface Watched {
  page: Page;
  /** Errors of the console and of scripts so far. */
  errors: string[];
  close(): Promise<void>;
}

/** Opens a page of its own session. Nothing moves in it, so that what is looked at is what stays. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => errors.push(error.message));
  return { page, errors, close: () => context.close() };
}

/** Runs a look at a page, and expects that nothing went wrong in it. */
async function withPage(
  browser: Browser,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
) {
  const { page, errors, close } = await openPage(browser, options);
  try {
    await look(page);
    expect(errors).toEqual([]);
  } finally {
    await close();
  }
}

const kinds: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** The built pages on a port of this machine, for the engine in memory. */
class Pages {
  private constructor(private readonly server: Server) {}

  static async serve(): Promise<Pages> {
    const dist = join(import.meta.dirname, "..", "dist");
    if (!existsSync(join(dist, "index.html"))) throw new Error("the pages are not built: npm run build");
    const server = createServer((request, response) => {
      const path = normalize(new URL(request.url ?? "/", "http://x").pathname);
      const file = join(dist, path === "/" ? "index.html" : path);
      if (!existsSync(file)) response.writeHead(404).end();
      else {
        response.setHeader("Content-Type", kinds[extname(file)] ?? "application/octet-stream");
        createReadStream(file).pipe(response);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Pages(server);
  }

  at(hash: string, asked = ""): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/?fake=${asked}#${hash}`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
