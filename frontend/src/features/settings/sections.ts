/** The parts of the settings, in their order. words are what else the search finds them by. */
export const sections = [
  { id: "general", title: "General", words: "start login appearance theme light dark log connections" },
  { id: "accounts", title: "Accounts", words: "github token sign in out login keychain renew expires host" },
  { id: "contexts", title: "Contexts", words: "kubernetes kubeconfig cluster mapping map environment" },
  { id: "consents", title: "Consents", words: "trust yes allow revoke listen network address" },
  {
    id: "checkup",
    title: "Checkup",
    words: "doctor diagnose problem role rights keychain kubeconfig plugin",
  },
  { id: "data", title: "Data", words: "export import backup file folder path logs json kftray" },
  { id: "about", title: "About", words: "version commit licence license links github keys shortcuts" },
] as const;

/** Names a part of the settings; the address has it. */
export type SectionId = (typeof sections)[number]["id"];

/** The part that an address names; an unknown one is the first. */
export function sectionOf(name: string): SectionId {
  return sections.find((s) => s.id === name)?.id ?? "general";
}

/** Reports whether every word of a search is in what is searched. */
export function found(search: string, ...texts: string[]): boolean {
  const text = texts.join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
