import { notifications } from "@mantine/notifications";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../../app";
import { connect } from "../../backend/backend";
import { type Call, FaultError } from "../../backend/call";
import { fakeCall } from "../../backend/fake";
import { checkup } from "../../backend/fake-data";

// A machine that is busy with other tests takes its time.
configure({ asyncUtilTimeout: 5000 });

beforeEach(() => {
  location.hash = "#/settings/general";
});

afterEach(() => {
  cleanup();
  notifications.clean();
  notifications.cleanQueue();
  vi.restoreAllMocks();
});

/** Opens the settings on the invented team; over answers some methods in its place. */
async function open(over: Partial<Record<string, (body: unknown) => unknown>> = {}, asked = "") {
  const copy = vi.fn<(text: string) => Promise<void>>().mockResolvedValue();
  const fake = fakeCall(asked);
  const call = ((method, body, signal) => {
    const other = over[method];
    return other ? Promise.resolve().then(() => other(body)) : fake(method, body, signal);
  }) as Call;
  const backend = connect(call);
  const visit = vi.fn();
  render(<App door={{ backend, host: { kind: "browser", copy, open: visit } }} />);
  await screen.findByRole("heading", { name: "Settings" });
  return { backend, copy, visit };
}

const part = async (name: string) => {
  const heading = await screen.findByRole("heading", { name });
  return within(heading.closest("section") as HTMLElement);
};

const refused = () => {
  throw new FaultError({ kind: "failed", code: "x", message: "the store is full", hint: "free some room" });
};

test("a switch applies at once, says so, and can be taken back", async () => {
  const { backend } = await open();
  const value = async () => (await backend.settings()).find((s) => s.name === "start_at_login")?.value;
  fireEvent.click(await screen.findByRole("switch", { name: "Start when you log in" }));
  expect(await screen.findByText("Start when you log in: off")).toBeTruthy();
  expect(await value()).toBe("false");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await waitFor(async () => expect(await value()).toBe("true"));
});

test("a time is taken as a person types it; what is none is refused in place, and Esc brings it back", async () => {
  const { backend } = await open();
  const drain = (await screen.findByLabelText(/open connections of a stopped/)) as HTMLInputElement;
  const type = (text: string, key: string) => {
    fireEvent.change(drain, { target: { value: text } });
    fireEvent.keyDown(drain, { key });
  };
  type("2 min", "Enter");
  await waitFor(async () => expect((await backend.settings())[0]?.value).toBe("2m"));
  type("soon", "Enter");
  const general = await part("General");
  expect((await general.findByRole("alert")).textContent).toContain("cannot be");
  expect(drain.value).toBe("soon");
  fireEvent.keyDown(drain, { key: "Escape" });
  expect(drain.value).toBe("2 min");
  expect(general.queryByRole("alert")).toBeNull();
  fireEvent.click(general.getByRole("button", { name: "Back to the default: 30 s" }));
  await waitFor(() => expect(drain.value).toBe("30 s"));
});

test("a setting that nobody here has heard of is shown with the engine's words", async () => {
  const odd = { name: "new_thing", value: "7", default: "7", help: "what it does\u202e" };
  await open({ "settings/list": () => [odd] });
  expect(((await screen.findByLabelText("New thing")) as HTMLInputElement).value).toBe("7");
});

test("what the engine cannot tell is said where it would stand, with a way to try again", async () => {
  let broken = true;
  await open({ "context/list": () => (broken ? refused() : { contexts: [], uses: [] }) });
  const contexts = await part("Contexts");
  expect((await contexts.findByRole("alert")).textContent).toContain("The store is full. Free some room.");
  broken = false;
  fireEvent.click(contexts.getByRole("button", { name: "Try again" }));
  expect(await contexts.findByText("No environment names a context yet.")).toBeTruthy();
});

test("an account: its warnings, and a new token that is checked before it is kept", async () => {
  const { visit } = await open();
  const accounts = await part("Accounts");
  expect(await accounts.findByText("expires in 6 days")).toBeTruthy();
  fireEvent.click(accounts.getByRole("button", { name: "Replace with a narrower one" }));
  expect(await accounts.findByDisplayValue("git.acme-data.example")).toBeTruthy();
  fireEvent.click(accounts.getByRole("button", { name: "Make one" }));
  expect(visit.mock.calls[0]?.[0]).toContain("https://git.acme-data.example/settings/personal-access-tokens");
  const token = accounts.getByLabelText("Token");
  const send = accounts.getByRole("button", { name: "Check and replace" });
  expect(send.getAttribute("aria-disabled")).toBe("true");
  fireEvent.change(token, { target: { value: "bad" } });
  expect(accounts.getByText(/looks like no token/)).toBeTruthy();
  fireEvent.click(send);
  expect((await accounts.findByRole("alert")).textContent).toContain("does not know this token");
  fireEvent.change(token, { target: { value: "github_pat_x" } });
  fireEvent.click(send);
  await waitFor(() => expect(accounts.queryByLabelText("Token")).toBeNull());
  const add = accounts.getByRole("button", { name: "Add account" });
  expect(document.activeElement).toBe(add);
  fireEvent.click(add);
  fireEvent.keyDown(accounts.getByLabelText("Token"), { key: "Escape" });
  expect(accounts.queryByLabelText("Token")).toBeNull();
});

test("--this-run keeps a token out of the keychain", async () => {
  const signIn = vi.fn(() => ({ host: "github.com", login: "ann" }));
  await open({ "auth/sign-in": signIn });
  const accounts = await part("Accounts");
  fireEvent.click(accounts.getByRole("button", { name: "Add account" }));
  fireEvent.change(accounts.getByLabelText("Token"), { target: { value: " github_pat_x\n" } });
  fireEvent.click(accounts.getByRole("checkbox", { name: /Only until Portolan ends/ }));
  fireEvent.click(accounts.getByRole("button", { name: "Check and sign in" }));
  await waitFor(() =>
    expect(signIn).toHaveBeenCalledWith({ host: "github.com", token: "github_pat_x", this_run: true }),
  );
});

test("a token that the keychain does not take can be kept until Portolan ends", async () => {
  const signIn = vi.fn((asked: unknown) => {
    if ((asked as { this_run?: boolean }).this_run) return { host: "github.com", login: "ann" };
    throw new FaultError({
      kind: "failed",
      code: "keychain-unavailable",
      message: "this session has no keyring",
    });
  });
  await open({ "auth/sign-in": signIn });
  const accounts = await part("Accounts");
  fireEvent.click(accounts.getByRole("button", { name: "Add account" }));
  const token = accounts.getByLabelText<HTMLInputElement>("Token");
  fireEvent.change(token, { target: { value: "github_pat_x" } });
  fireEvent.click(accounts.getByRole("button", { name: "Check and sign in" }));
  expect((await accounts.findByRole("alert")).textContent).toContain("This session has no keyring.");
  expect(token.value).toBe("github_pat_x");
  fireEvent.click(accounts.getByRole("button", { name: "Keep it until Portolan ends" }));
  await waitFor(() => expect(accounts.queryByLabelText("Token")).toBeNull());
  expect(signIn).toHaveBeenLastCalledWith({ host: "github.com", token: "github_pat_x", this_run: true });
});

test("signing out asks first; a keychain that keeps the token is said, and can be left alone", async () => {
  await open();
  const accounts = await part("Accounts");
  fireEvent.click(await accounts.findByRole("button", { name: "Sign out mara.lindqvist" }));
  const question = within(await screen.findByRole("dialog"));
  expect(question.getByText("Sign out mara.lindqvist?")).toBeTruthy();
  fireEvent.click(question.getByRole("button", { name: "Sign out" }));
  expect((await accounts.findByRole("alert")).textContent).toContain("The keychain is locked");
  fireEvent.click(accounts.getByRole("button", { name: "Forget it here" }));
  expect(await accounts.findByText(/may still be in the keychain: the keychain is locked/)).toBeTruthy();
  expect(accounts.queryByRole("button", { name: "Sign out mara.lindqvist" })).toBeNull();
  fireEvent.click(accounts.getByRole("button", { name: "Dismiss" }));
  expect(accounts.queryByRole("alert")).toBeNull();
});

test("a proposed context is one press, and can be taken back", async () => {
  const { backend } = await open();
  const contexts = await part("Contexts");
  fireEvent.click(await contexts.findByRole("button", { name: "Use acme-staging-eu1" }));
  await waitFor(() => expect(contexts.queryByText("9 can’t start")).toBeNull());
  fireEvent.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await contexts.findByText("9 can’t start")).toBeTruthy();
  expect((await backend.contexts()).uses.find((u) => u.team === "staging")?.missing).toBe(true);
});

test("a consent is revoked", async () => {
  await open();
  const consents = await part("Consents");
  fireEvent.click(await consents.findByRole("button", { name: /^Revoke/ }));
  expect(await consents.findByText("No shared file has needed your yes.")).toBeTruthy();
});

test("the checkup says what to do, worst first, and hands out the role", async () => {
  const { copy } = await open();
  const part7 = await part("Checkup");
  fireEvent.click(part7.getByRole("button", { name: "Run checkup" }));
  expect(await part7.findByText(/2 of 5 checks need a look/)).toBeTruthy();
  expect(part7.getAllByRole("img").map((i) => i.getAttribute("aria-label"))).toEqual([
    "Failed",
    "Warning",
    "Fine",
    "Fine",
    "Fine",
  ]);
  fireEvent.click(part7.getByRole("button", { name: "Copy role" }));
  await waitFor(() => expect(copy).toHaveBeenCalledWith(checkup.find((c) => c.role)?.role));
});

test("the data: all forwards as one file, and where the files are", async () => {
  const { copy } = await open({
    version: () => ({ version: "1.2.3", api: 2, pid: 7, home: "C:\\Users\\mara\\Portolan" }),
  });
  const data = await part("Data");
  expect(await data.findByText("C:\\Users\\mara\\Portolan\\logs\\portolan.log")).toBeTruthy();
  fireEvent.click(data.getByRole("button", { name: /^Copy all forwards/ }));
  await waitFor(() => expect(JSON.parse(copy.mock.calls[0]?.[0] ?? "[]").length).toBeGreaterThan(20));
  expect((await part("About")).getByText("1.2.3")).toBeTruthy();
});

test("/ searches the settings; Esc empties, then leaves", async () => {
  await open();
  await part("Accounts");
  fireEvent.keyDown(document.body, { key: "/" });
  const field = screen.getByLabelText("Search settings") as HTMLInputElement;
  expect(document.activeElement).toBe(field);
  fireEvent.change(field, { target: { value: "ready pod" } });
  expect(screen.getByLabelText(/waits for a ready pod/)).toBeTruthy();
  expect(screen.queryByLabelText("What is logged")).toBeNull();
  expect(screen.queryByRole("heading", { name: "Accounts" })).toBeNull();
  fireEvent.change(field, { target: { value: "zzz" } });
  expect(screen.getByText("Nothing matches “zzz” in the settings.")).toBeTruthy();
  fireEvent.keyDown(field, { key: "Escape" });
  expect(field.value).toBe("");
  fireEvent.keyDown(field, { key: "Escape" });
  expect(document.activeElement).not.toBe(field);
});

test("an address leads to its part, and a press puts the focus there", async () => {
  location.hash = "#/settings/checkup";
  await open();
  const places = within(screen.getByRole("navigation", { name: "Settings" }));
  expect(places.getByRole("link", { name: "Checkup" }).getAttribute("aria-current")).toBe("location");
  fireEvent.click(places.getByRole("link", { name: "About" }));
  expect(document.activeElement?.textContent).toBe("About");
});

test("nobody's computer: every part says what it is without", async () => {
  await open({ "trust/list": () => [], "context/list": () => ({ contexts: [], uses: [] }) }, "empty");
  expect(await screen.findByText("No account yet. Public repositories need none.")).toBeTruthy();
  expect(await screen.findByText(/No kubeconfig with a context was found/)).toBeTruthy();
  expect(screen.getByRole("button", { name: /^Copy all/ }).getAttribute("aria-disabled")).toBe("true");
});

test("lists that Go writes as null are empty", async () => {
  await open({
    "context/list": () => ({ contexts: null, uses: null }),
    "trust/list": () => [],
    checkup: () => null,
  });
  expect(await screen.findByText("No environment names a context yet.")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Run checkup" }));
  expect(await screen.findByText(/All 0 checks are fine/)).toBeTruthy();
});

test("a code signs in where the host has an app, and only there", async () => {
  let enter: (who: unknown) => void = () => {};
  const { visit } = await open({
    "auth/device-wait": () => new Promise((resolve) => (enter = resolve)),
  });
  const accounts = await part("Accounts");
  fireEvent.click(accounts.getByRole("button", { name: "Add account" }));
  fireEvent.click(await accounts.findByRole("button", { name: "Sign in with a code" }));
  expect(await accounts.findByText("WDJB-MJHT")).toBeTruthy();
  fireEvent.click(accounts.getByRole("button", { name: "Open github.com" }));
  expect(visit).toHaveBeenCalledWith("https://github.com/login/device");
  enter({ host: "github.com", login: "ann" });
  expect(await screen.findByText("Signed in to github.com as ann")).toBeTruthy();
  expect(accounts.queryByLabelText("Token")).toBeNull();
  fireEvent.click(accounts.getByRole("button", { name: "Replace with a narrower one" }));
  await accounts.findByDisplayValue("git.acme-data.example");
  expect(accounts.queryByRole("button", { name: "Sign in with a code" })).toBeNull();
});
