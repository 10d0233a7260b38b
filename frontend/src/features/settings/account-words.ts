import type { SourceView, View } from "../../backend";
import { span } from "../../state/format";

/** A GitHub host that a person is signed in to. */
export type Account = View["accounts"][number];

/** From when on the end of a token is said as a warning: time enough to renew it in a working week. */
const soon = 14 * 24 * 3600;

const kinds: Record<string, string> = {
  "fine-grained": "fine-grained token",
  classic: "classic token",
  app: "app token",
};

/** What kind of token an account has; "" where nobody knows. */
export function kindText({ kind = "" }: Account): string {
  return kinds[kind] ?? "";
}

/** When a token ends. */
export function expiry(
  { expires }: Account,
  now: number,
): { text: string; tone: "bad" | "wait" | "outline" } | undefined {
  if (!expires) return undefined;
  const left = (Date.parse(expires) - now) / 1000;
  if (left <= 0) return { text: "expired", tone: "bad" };
  return { text: `expires in ${days(left)}`, tone: left < soon ? "wait" : "outline" };
}

function days(seconds: number): string {
  const whole = Math.floor(seconds / 86_400);
  if (whole < 2) return span(seconds);
  return `${whole} days`;
}

/** Scopes of classic tokens that only read (docs.github.com, "Scopes for OAuth apps"). */
const harmless = /^(read:.*|user:email|repo:status|repo_deployment|notifications)$/;

/** The scopes with which a token can do more than Portolan needs. */
export function tooMuch({ kind, scopes = [] }: Account): string[] {
  return kind === "classic" ? scopes.filter((scope) => !harmless.test(scope)) : [];
}

/** Where the token of an account is, if that is not the keychain: only such an account ends with the agent. */
export function fromText({ from }: Account): string | undefined {
  if (!from) return undefined;
  return from === "this run" ? "Kept until Portolan ends" : `Its token comes from ${from}`;
}

/** Reports whether a token was handed to the engine from outside, which alone can take it away. */
export function isGiven({ from }: Account): boolean {
  return !!from && from !== "this run";
}

/** The sources that an account is used for. */
export function sourcesOf(
  { host, login }: Account,
  sources: SourceView[],
  accounts: Account[],
): SourceView[] {
  const only = accounts.filter((a) => a.host === host).length === 1;
  return sources.filter((s) => s.repo.host === host && (s.account ? s.account === login : only));
}
