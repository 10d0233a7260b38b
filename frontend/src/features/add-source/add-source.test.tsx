import { notifications } from "@mantine/notifications";
import { cleanup, configure, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { App } from "../../app";
import { connect } from "../../backend/backend";
import { fakeCall } from "../../backend/fake";

// A busy machine is no fault of the pages.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  notifications.clean(); // they outlive a page, with their Undo
  cleanup();
  vi.restoreAllMocks();
});

/** Opens the app at an address, on a fake engine. */
function open(hash: string, asked = "") {
  location.hash = hash;
  const call = fakeCall(asked);
  const backend = connect(call);
  const host = { kind: "browser" as const, copy: vi.fn().mockResolvedValue(undefined), open: vi.fn() };
  render(<App door={{ backend, host }} />);
  return { backend, host };
}

const input = { selector: "input" };

const staging = "Context for staging in staging";

const patient = { timeout: 10_000 };

const press = (name: string | RegExp) => fireEvent.click(screen.getByRole("button", { name }));

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label, { selector: "input" });

const type = (label: string, value: string) => fireEvent.change(field(label), { target: { value } });

test("the first run leads to the check of the repository", async () => {
  open("#/all", "empty");
  await screen.findByRole("heading", { name: "Follow your team’s port-forwards" });
  expect(await screen.findByText("3 kubeconfig contexts")).toBeTruthy();
  expect(screen.queryByRole("navigation")).toBeNull();
  type("Repository", "acme/port-forwards");
  press("Check access");
  expect(await screen.findByRole("button", { name: "Continue" }, patient)).toBeTruthy();
});

test("the demo is a command to copy, and says so", async () => {
  const { host } = open("#/all", "empty");
  fireEvent.click(await screen.findByRole("button", { name: /Try the demo.*Copies portolan demo/s }));
  await waitFor(() => expect(host.copy).toHaveBeenCalledWith("portolan demo"));
});

test("a file that is dropped becomes the person's own forwards, kubectl lines too", async () => {
  const { backend } = open("#/all", "empty");
  const imported = vi.spyOn(backend, "importFile");
  const title = await screen.findByRole("heading", { name: "Follow your team’s port-forwards" });
  const file = new File(["kubectl port-forward svc/api 8080:80"], "lines.sh");
  fireEvent.drop(title, { dataTransfer: { files: [file] } });
  await waitFor(() => expect(imported).toHaveBeenCalledOnce());
  expect(JSON.parse(imported.mock.calls[0]?.[1] ?? "")).toMatchObject([{ service: "api", local_port: 8080 }]);
});

test("a repository that cannot be seen asks for a sign-in, and is looked at again after it", async () => {
  const { host } = open("#/add/acme%2Fprivate", "empty");
  expect(await screen.findByText(/private, or no such repository/, {}, patient)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Make one" }));
  expect(host.open).toHaveBeenCalledWith(expect.stringMatching(/^https:\/\/github\.com\/.*contents=read/));

  type("Token", "bad");
  press("Check and sign in");
  expect(await screen.findByText(/does not know this token/)).toBeTruthy();
  type("Token", "ghp_x");
  press("Check and sign in");
  expect(await screen.findByText(/can be read as mara-l/, {}, patient)).toBeTruthy();
  expect(screen.getByText(/repo, workflow.*far less/)).toBeTruthy();
  expect(screen.queryByLabelText("Token")).toBeNull();
});

test("a code entered at the host signs in, too", async () => {
  const { backend, host } = open("#/add/acme%2Fprivate", "empty");
  const account = { host: "github.com", login: "mara-l", kind: "app" };
  const waited = vi.spyOn(backend, "deviceWait");
  fireEvent.click(await screen.findByRole("button", { name: "Sign in with a code" }, patient));
  expect(await screen.findByText("WDJB-MJHT")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Open github.com" }));
  expect(host.open).toHaveBeenCalledWith("https://github.com/login/device");
  expect(await screen.findByText(/can be read as mara-l/, {}, patient)).toBeTruthy();
  await expect(waited.mock.results[0]?.value).resolves.toEqual(account);
  expect(screen.queryByText("WDJB-MJHT")).toBeNull();
});

test("what is found is chosen, previewed and added, and can be taken back", async () => {
  const { backend } = open("#/add/https%3A%2F%2Fgithub.com%2Facme%2Fport-forwards%2Ftree%2Fmain%2Fenvs");
  const added = vi.spyOn(backend, "addSource");
  const mapped = vi.spyOn(backend, "mapContext");
  fireEvent.click(await screen.findByRole("button", { name: "Continue" }, patient));
  expect(field("Folder or file").value).toBe("envs");
  await waitFor(
    () => expect(screen.getByRole("button", { name: /^Preview/ }).getAttribute("aria-disabled")).toBeNull(),
    patient,
  );
  fireEvent.click(screen.getByLabelText("Follow load-test-eu-central"));
  fireEvent.click(screen.getByLabelText("Protect production"));
  expect((await screen.findByLabelText<HTMLInputElement>(staging, input)).value).toBe("acme-staging-eu1");
  expect(screen.getByText("No match: 5 can’t start yet")).toBeTruthy();
  expect(screen.queryByLabelText("Context for dev in development", input)).toBeNull();
  press(/^Preview 28 forwards/);

  expect(await screen.findByRole("heading", { name: "28 forwards will be added" }, patient)).toBeTruthy();
  const table = within(screen.getByRole("table"));
  expect(table.getByText("checkout-api")).toBeTruthy();
  expect(table.getByText("protected")).toBeTruthy();
  press("Show 9 more");
  expect(table.getByText("kafka-bootstrap")).toBeTruthy();

  press("Add source");
  expect(await screen.findByText("Reading 2 of 4 files…", {}, patient)).toBeTruthy();
  expect(await screen.findByText("Added 28 forwards from acme/port-forwards", {}, patient)).toBeTruthy();
  expect(added.mock.calls[0]?.[0]).toEqual({
    repository: "https://github.com/acme/port-forwards",
    config: {
      name: "port-forwards-2",
      repo: { host: "github.com", owner: "acme", name: "port-forwards" },
      ref: "main",
      path: "envs",
      exclude: ["load-test-eu-central.json"],
      protected: ["production"],
    },
  });
  expect(mapped.mock.calls).toEqual([["staging", "staging", "acme-staging-eu1"]]);
  const removed = vi.spyOn(backend, "removeSource");
  press("Undo");
  expect(removed).toHaveBeenCalledWith("port-forwards-2", false);
  await waitFor(() => expect(mapped.mock.calls.slice(1)).toEqual([["staging", "staging", ""]]));
});

test("a branch that is not there, and a folder without files, are said before anything is followed", async () => {
  open("#/add/acme%2Fport-forwards");
  fireEvent.click(await screen.findByRole("button", { name: "Continue" }, patient));
  type("Branch, tag or commit", "gone");
  expect(await screen.findByText(/no branch, tag or commit gone/i, {}, patient)).toBeTruthy();
  expect(screen.getByRole("button", { name: /^Preview/ }).title).toBe("The repository cannot be read there");
  type("Branch, tag or commit", "");
  type("Folder or file", "empty");
  expect(await screen.findByText(/No environment file here/, {}, patient)).toBeTruthy();
  type("Folder or file", "../up");
  expect(screen.getByText(/below the repository’s root/)).toBeTruthy();
});
