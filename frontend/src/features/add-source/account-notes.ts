import type { View } from "../../backend";

/** An account at a host. */
export type Account = View["accounts"][number];

/** A sentence about an account's token; warn where a person should do something about it. */
export interface AccountNote {
  text: string;
  warn?: boolean;
}

const day = 86_400_000;

const kinds: Record<string, string> = {
  classic: "A classic token",
  "fine-grained": "A fine-grained token",
  app: "A token of an app",
};

/** What is to be said of an account's token: its kind, its scopes, when it ends. Only what the host told. */
export function accountNotes({ kind = "", scopes = [], expires, from }: Account, now: number): AccountNote[] {
  const notes: AccountNote[] = [{ text: `${kinds[kind] ?? "A token"}${ends(expires, now)}.` }];
  const left = expires ? (Date.parse(expires) - now) / day : Number.POSITIVE_INFINITY;
  if (left < 14) notes.push({ text: "It ends soon; make the next one in time.", warn: true });
  if (kind === "classic") {
    const list = scopes.length ? ` (${scopes.join(", ")})` : "";
    if (scopes.includes("repo"))
      notes.push({
        text: `Its scopes${list} also allow writing to all your repositories. Syncing needs far less: a fine-grained token with Contents: read is enough.`,
        warn: true,
      });
    else
      notes.push({
        text: scopes.length
          ? `Its scopes: ${scopes.join(", ")}.`
          : "It has no scopes: it reads public repositories.",
      });
  }
  if (from)
    notes.push({ text: from === "this run" ? "It is kept until the agent ends." : `It comes from ${from}.` });
  return notes;
}

function ends(expires: string | undefined, now: number): string {
  if (!expires) return ", without an end that the host tells";
  const days = Math.floor((Date.parse(expires) - now) / day);
  if (days < 0) return ", which has ended";
  return `, until ${new Date(expires).toLocaleDateString()} (${days === 1 ? "1 day" : `${days} days`})`;
}
