/** What can be told from the look of a token before anyone is asked about it. */
export function lookOf(token: string): { kind: string; warning?: boolean } | undefined {
  const text = token.trim();
  if (!text) return undefined;
  if (/\s/.test(text))
    return { kind: "A token has no spaces: is there more than it in here?", warning: true };
  if (text.startsWith("github_pat_")) return { kind: "A fine-grained token: the narrowest kind." };
  if (text.startsWith("ghp_") || /^[\da-f]{40}$/.test(text))
    return { kind: "A classic token: with the scope repo it can write, too.", warning: true };
  if (/^gh[ous]_/.test(text)) return { kind: "A token of an app." };
  return { kind: "It looks like no token of GitHub; the host is asked all the same.", warning: true };
}

/**
 * Where a host makes a token that reads one repository, with the fields filled in
 * (docs.github.com, "Pre-filling fine-grained personal access token details using URL parameters").
 */
export function newTokenUrl(host: string, owner?: string): string {
  const fields = new URLSearchParams({
    name: "Portolan",
    description: "Reads the environment files of port-forwards",
    ...(owner ? { target_name: owner } : {}),
    expires_in: "90",
    contents: "read",
  });
  return `https://${host}/settings/personal-access-tokens/new?${fields}`;
}

/**
 * Reports whether a host has a GitHub App that signs people in with a code. clients is the setting
 * github_client_id: an ID for github.com, HOST=ID for others, with commas.
 */
export function hasApp(clients: string | undefined, host: string): boolean {
  return (clients ?? "")
    .split(",")
    .map((part) => part.trim())
    .some((part) => {
      const [at, id] = part.includes("=") ? part.split("=") : ["github.com", part];
      return !!id?.trim() && at?.trim() === host;
    });
}
