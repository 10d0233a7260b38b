import { type Answer, type Call, connectionLost, FaultError, readFault } from "./call";
import { level } from "./types";

const kept = "portolan-session";

/** The code with which a session ends for good: this page needs a new link. */
export const sessionEnded = "session-ended";

/**
 * Exchanges the one-time code that the link brought in its fragment for the session's secret, which stays in
 * sessionStorage: this tab's alone, and never sent by the browser on its own account, as a cookie would be to
 * every port of this host. The code leaves the address bar at once.
 */
async function secret(): Promise<string> {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, "", location.pathname);
    const response = await post("/session", { code });
    if (!response.ok) throw ended();
    sessionStorage.setItem(kept, ((await response.json()) as { secret: string }).secret);
  }
  const held = sessionStorage.getItem(kept);
  if (!held) throw ended();
  return held;
}

function ended(): FaultError {
  return new FaultError({
    kind: "unavailable",
    code: sessionEnded,
    message: "This link was used before, or is older than a minute",
    hint: "Get a new one in the terminal: portolan web",
  });
}

async function post(path: string, body: unknown, bearer?: string, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "Portolan-API": String(level),
  };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  try {
    return await fetch(path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: signal ?? null,
    });
  } catch {
    signal?.throwIfAborted();
    throw connectionLost();
  }
}

/** Returns the wire of a page that `portolan serve --web` has served. */
export function httpCall(): Call {
  let session: Promise<string> | undefined;
  return async (method, body, signal) => {
    session ??= secret();
    const response = await post(`/api/${method}`, body, await session, signal);
    if (response.status === 401) {
      sessionStorage.removeItem(kept);
      throw ended();
    }
    const text = await response.text();
    if (!response.ok) throw readFault(text);
    return JSON.parse(text) as Answer<typeof method>;
  };
}
