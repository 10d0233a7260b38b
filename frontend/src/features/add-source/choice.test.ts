import { expect, test } from "vitest";
import type { Access, AccessFile } from "../../backend";
import { asked, choiceFor, configOf, environmentsOf } from "./choice";

const file = (path: string, environment: string): AccessFile => ({
  path,
  environment,
  entries: 2,
  problems: [],
});

const access = {
  repo: { host: "github.com", owner: "acme", name: "port-forwards", id: 7 },
  files: [file("envs/dev.json", "dev"), file("envs/eu[1]/a.json", "eu"), file("envs/eu[1]/b.json", "eu")],
} as Partial<Access> as Access;

test("a choice begins with what the link says", () => {
  const choice = choiceFor("https://github.com/acme/port-forwards/tree/next/envs", access, ["port-forwards"]);
  expect(choice).toMatchObject({
    name: "port-forwards-2",
    draft: { ref: "next", path: "envs" },
    without: [],
  });
  expect(asked(access.repo, configOf(access.repo, choice, access.files))).toEqual({
    repository: "https://github.com/acme/port-forwards",
    config: {
      name: "port-forwards-2",
      repo: { host: "github.com", owner: "acme", name: "port-forwards" },
      ref: "next",
      path: "envs",
    },
  });
});

test("what is left out is excluded, file by file, as a pattern below the folder", () => {
  const choice = choiceFor("acme/port-forwards/tree/main/envs", access, []);
  choice.without = ["eu"];
  choice.draft = { ...choice.draft, path: "envs/", exclude: ["old/**"] };
  expect(configOf(access.repo, choice, access.files).exclude).toEqual([
    "old/**",
    "eu\\[1\\]/a.json",
    "eu\\[1\\]/b.json",
  ]);
});

test("environments have one or more files", () =>
  expect(environmentsOf(access.files).map((e) => [e.name, e.entries, e.files.length])).toEqual([
    ["dev", 2, 1],
    ["eu", 4, 2],
  ]));
