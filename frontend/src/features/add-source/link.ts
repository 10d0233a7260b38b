/** What a person's text says about where a repository is. Whether it is right is the engine's to judge. */
export interface Link {
  /** github.com where the text names none. */
  host: string;
  owner: string;
  name: string;
  /** Of a link to a branch, folder or file; else "". */
  ref: string;
  path: string;
}

/** Reads what portolan.ParseRepository reads: owner/name, an address, git@host:owner/name. */
export function readLink(text: string): Link | undefined {
  let rest = text.trim().replace(/[?#].*$/, "");
  const ssh = /^(?:ssh:\/\/)?git@([^:/]+)[:/](.*)$/.exec(rest);
  if (ssh) rest = `https://${ssh[1]}/${ssh[2]}`;
  rest = rest.replace(/^https?:\/\//, "");
  const parts = rest.split("/").filter(Boolean).map(decoded);
  // An owner has no dot, a host has one, or a port.
  const host = /[.:]/.test(parts[0] ?? "") ? parts.shift() : "github.com";
  const [owner, name, kind, ref = "", ...path] = parts;
  if (!host || !owner || !name) return undefined;
  const inside = kind === "tree" || kind === "blob";
  return {
    host: host.toLowerCase(),
    owner,
    name: name.replace(/\.git$/, ""),
    ref: inside ? ref : "",
    path: inside ? path.join("/") : "",
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a repository on its host. */
export function homeOf(repo: { host: string; owner: string; name: string; api_url?: string }): string {
  const scheme = repo.api_url?.startsWith("http://") ? "http" : "https";
  return `${scheme}://${repo.host}/${encodeURIComponent(repo.owner)}/${encodeURIComponent(repo.name)}`;
}

/**
 * Where a person makes a fine-grained token with the least rights, with the form filled in
 * (docs.github.com: "Pre-filling fine-grained personal access token details using URL parameters").
 */
export function tokenPage({ host, owner }: Pick<Link, "host" | "owner">): string {
  const page = new URL(`https://${host}/settings/personal-access-tokens/new`);
  page.search = new URLSearchParams({
    name: "Portolan",
    description: "Reads shared port-forwards",
    target_name: owner,
    expires_in: "90",
    contents: "read",
  }).toString();
  return page.href;
}

/** A name for a source as the engine makes it, and another one where that is taken. */
export function nameFor(repository: string, taken: readonly string[]): string {
  const slug =
    repository
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 36) || "source";
  let name = slug;
  for (let i = 2; taken.includes(name) || name === "mine"; i++) name = `${slug}-${i}`;
  return name;
}

/** What is wrong with a name for a source, or undefined. */
export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z0-9-]{1,40}$/.test(name)) return "Lower-case letters, digits and hyphens, 40 at most";
  if (name === "mine") return "That is the name of your own forwards";
  if (taken.includes(name)) return "Another source has this name";
  return undefined;
}
