/**
 * Threat: the token of a link stays where others find it: in the address bar, the history, a referrer, a log.
 * Rule: it leaves the address before anything else happens, goes to this origin once, and is kept nowhere. The cookie
 * that it is exchanged for is invisible to scripts. Scope: the start of the page. Non-scope: who may read the terminal
 * that printed the link.
 */

/** What the start of the page needs of a browser. */
export interface Browser {
  readonly location: { readonly hash: string; readonly pathname: string };
  readonly history: { replaceState(data: null, unused: string, url: string): void };
  readonly fetch: (
    path: string,
    init?: { readonly method: string; readonly headers?: Record<string, string>; readonly body?: string },
  ) => Promise<Answer>;
}
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
}

/** `refused`: a sentence for the person. */
export type Session = { readonly kind: 'open' } | { readonly kind: 'refused'; readonly reason: string };

const SESSION = '/console/session';

/** Exchanges the token of the address for a cookie, or asks whether the cookie of an earlier visit still counts. */
export async function openSession({ location, history, fetch }: Browser): Promise<Session> {
  const token = tokenOf(location.hash);
  if (token === null) return checkSession(fetch);
  history.replaceState(null, '', location.pathname);
  const answer = await fetch(SESSION, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) return { kind: 'open' };
  // The link may be used up, and this browser may be the one that used it.
  const earlier = await checkSession(fetch);
  return earlier.kind === 'open' ? earlier : { kind: 'refused', reason: sentence(await answer.text()) };
}

/** Whether the cookie of this browser is good. */
export async function checkSession(fetch: Browser['fetch']): Promise<Session> {
  const { ok } = await fetch(SESSION);
  return ok ? { kind: 'open' } : { kind: 'refused', reason: 'This browser is not signed in to the console.' };
}

/** The fragment of a link is the token; the fragment of a page begins with a slash. */
export function tokenOf(hash: string): string | null {
  const fragment = hash.replace(/^#/, '');
  return fragment === '' || fragment.startsWith('/') ? null : fragment;
}

/** The server's own words, if they are a sentence. */
function sentence(body: string): string {
  const otherwise = 'The server refused the link.';
  try {
    const { message, error } = JSON.parse(body) as { message?: unknown; error?: unknown };
    return typeof message === 'string' ? message : typeof error === 'string' ? error : otherwise;
  } catch {
    return body.trim() !== '' && body.length < 500 ? body.trim() : otherwise;
  }
}
