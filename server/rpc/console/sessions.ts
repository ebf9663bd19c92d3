/**
 * The links and sessions of one listener's console.
 *
 * Threat: somebody guesses or reuses a link or a session; a link stays in a history or a log; a session outlives the
 * credential that it was exchanged for; sessions fill the memory.
 * Rule: links and sessions are 256 random bits, kept as their SHA-256 alone, so a look-up says nothing about how much
 * of a guess is right. A link works once and for a limited time. A session ends by logging out, when it is idle, after
 * a fixed time, with the expiry of its credential, when credentials are read again, and when there are too many. Wrong
 * tokens are limited in number before they are compared.
 * Scope: this listener in this process. Another listener knows none of them.
 * Non-scope: which requests may come at all (own-names.ts, pages.ts).
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Authenticate } from '../transports/auth.js';

export interface ConsoleSession {
  /** Milliseconds since the epoch. */
  readonly endAtMs: number;
  /** Aborted when it ends by logging out, or because credentials changed. */
  readonly ended: AbortSignal;
  /** A socket uses it until the returned function is called: it is not idle. */
  use(): () => void;
}

/** `limited`: too many wrong tokens of late. `used` and `expired`: a link that was one. */
export type Exchange = { readonly secret: string } | { readonly refused: 'limited' | 'used' | 'expired' | 'unknown' };

export interface ConsoleSessions {
  /** A fresh token for a link. */
  newLink(lifetimeMs: number): string;
  /** Exchanges the token of a link, or the credential of the listener, for a session. */
  exchange(token: string): Promise<Exchange>;
  /** Null: no such session, or it has ended. */
  find(secret: string): ConsoleSession | null;
  end(secret: string): void;
  /** The credentials were read again: sessions for the earlier ones end. */
  endCredentials(): void;
}

export interface SessionLimits {
  readonly sessions: number;
  readonly links: number;
  readonly idleMs: number;
  readonly totalMs: number;
  /** Wrong tokens at once, and milliseconds until another may follow. */
  readonly wrongTokens: number;
  readonly wrongTokenEveryMs: number;
}

const HOUR_MS = 3_600_000;
const LIMITS: SessionLimits = {
  sessions: 64,
  links: 16,
  idleMs: 12 * HOUR_MS,
  totalMs: 7 * 24 * HOUR_MS,
  wrongTokens: 10,
  wrongTokenEveryMs: 3_000,
};

export interface SessionsOptions {
  /** Of the listener; null: it has none, and only links count. */
  readonly authenticate: Authenticate | null;
  readonly limits?: SessionLimits;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export function createConsoleSessions(options: SessionsOptions): ConsoleSessions {
  const { authenticate, limits = LIMITS, now = Date.now } = options;
  /** By the hash of its token. `endAtMs` 0: it was used. The oldest is first. */
  const links = new Map<string, { endAtMs: number }>();
  const sessions = new Map<string, Kept>();
  const wrong = createAllowance(limits, now);

  const drop = (hash: string): void => {
    const session = sessions.get(hash);
    sessions.delete(hash);
    session?.controller.abort();
  };
  const open = (endAtMs: number, byCredential: boolean): string => {
    const secret = randomSecret();
    const controller = new AbortController();
    const total = now() + limits.totalMs;
    sessions.set(hashOf(secret), {
      controller,
      byCredential,
      endAtMs: Math.min(endAtMs, total),
      usedAtMs: now(),
      sockets: 0,
    });
    const [oldest] = sessions.size > limits.sessions ? sessions.keys() : [];
    if (oldest !== undefined) drop(oldest);
    return secret;
  };
  const isOver = ({ endAtMs, usedAtMs, sockets }: Kept): boolean =>
    now() >= endAtMs || (sockets === 0 && now() - usedAtMs >= limits.idleMs);

  return {
    newLink(lifetimeMs) {
      const token = randomSecret();
      links.set(hashOf(token), { endAtMs: now() + lifetimeMs });
      const [oldest] = links.size > limits.links ? links.keys() : [];
      if (oldest !== undefined) links.delete(oldest);
      return token;
    },
    async exchange(token) {
      if (!wrong.left()) return { refused: 'limited' };
      const link = links.get(hashOf(token));
      if (link !== undefined) {
        const { endAtMs } = link;
        link.endAtMs = 0;
        if (endAtMs > now()) return { secret: open(Infinity, false) };
        return { refused: endAtMs === 0 ? 'used' : 'expired' };
      }
      const verdict = await authenticate?.(`Bearer ${token}`);
      if (verdict !== undefined && !('refused' in verdict)) return { secret: open(verdict.endAtMs ?? Infinity, true) };
      wrong.spend();
      return { refused: 'unknown' };
    },
    find(secret) {
      const hash = hashOf(secret);
      const session = sessions.get(hash);
      if (session === undefined) return null;
      if (isOver(session)) {
        drop(hash);
        return null;
      }
      session.usedAtMs = now();
      return {
        endAtMs: session.endAtMs,
        ended: session.controller.signal,
        use() {
          session.sockets++;
          return () => {
            session.sockets--;
            session.usedAtMs = now();
          };
        },
      };
    },
    end: (secret) => drop(hashOf(secret)),
    endCredentials() {
      for (const [hash, { byCredential }] of sessions) if (byCredential) drop(hash);
    },
  };
}

interface Kept {
  readonly controller: AbortController;
  /** It was exchanged for the credential of the listener, not for a link. */
  readonly byCredential: boolean;
  readonly endAtMs: number;
  usedAtMs: number;
  sockets: number;
}

/** 256 bits, as text for a URL. */
const randomSecret = (): string => randomBytes(32).toString('base64url');
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');

/** A number of attempts that grows again with time. */
function createAllowance({ wrongTokens, wrongTokenEveryMs }: SessionLimits, now: () => number) {
  let spent = 0;
  let since = now();
  const refill = (): void => {
    const back = Math.floor((now() - since) / wrongTokenEveryMs);
    spent = Math.max(spent - back, 0);
    since = spent === 0 ? now() : since + back * wrongTokenEveryMs;
  };
  return {
    left(): boolean {
      refill();
      return spent < wrongTokens;
    },
    spend: (): void => void spent++,
  };
}
