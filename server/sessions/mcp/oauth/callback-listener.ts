/**
 * The place on this machine to which the authorization server sends the person's browser back.
 *
 * Threat: another program or a web page sends an answer of its own; a client of the port keeps it busy.
 *
 * Rule: it listens on 127.0.0.1 only, and answers one path. An answer counts once and needs the state of this login;
 * one with another state ends the login. Requests have no body, and few connections are open at a time.
 *
 * Scope: one login. Non-scope: whether the code is good (the authorization server decides, with PKCE).
 */
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CodexdError } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';

/** What the browser brought. */
export type CallbackAnswer =
  | { readonly ok: true; readonly code: string; readonly issuer: string | null }
  /** `denied`: the words of the authorization server; null: they are not the reason. */
  | { readonly ok: false; readonly reason: string; readonly denied: string | null };

export interface CallbackListener {
  readonly port: number;
  /** Takes an answer that came another way: a person has copied the address. False: it is no answer. */
  take(url: URL): boolean;
  /** The first answer. Pending until then. */
  readonly answer: Promise<CallbackAnswer>;
  /** Idempotent. Resolves when the port is free. */
  close(): Promise<void>;
}

export interface CallbackOptions {
  /** Null: a free one. */
  readonly port: number | null;
  /** The only path that counts. */
  readonly path: string;
  readonly state: string;
  /** An answer with another state ends the login (default), or does not count: the person may have two pages open. */
  readonly foreign?: 'ends' | 'ignored';
}

/** Throws `mcp.login` when the port cannot be used. */
export async function listenForCallback(options: CallbackOptions): Promise<CallbackListener> {
  const { port } = options;
  let settle!: (answer: CallbackAnswer) => void;
  const answer = new Promise<CallbackAnswer>((resolve) => (settle = resolve));
  const read = (url: URL): Page => pageFor(url, options);
  const server = http.createServer({ maxHeaderSize: MAX_HEADER, requestTimeout: PATIENCE_MS }, (request, response) => {
    const url = URL.canParse(request.url ?? '', BASE) ? new URL(request.url ?? '', BASE) : null;
    const page = url === null || request.method !== 'GET' ? INVALID : read(url);
    response.writeHead(page.status, { 'content-type': 'text/plain; charset=UTF-8', connection: 'close' });
    response.end(page.text, () => void (page.answer !== null && settle(page.answer)));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port ?? 0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const why = osCode(error) === 'EADDRINUSE' ? 'another program uses it' : messageOf(error);
    throw new CodexdError(
      'mcp.login',
      `port ${port} of 127.0.0.1, which the configuration names for the browser's answer, cannot be used: ${why}`,
      { cause: error },
    );
  }
  const closed = once(server, 'close');
  return {
    port: (server.address() as AddressInfo).port,
    answer,
    take(url) {
      const page = read(url);
      if (page.answer !== null) settle(page.answer);
      return page.answer !== null;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The address of a request is a path: the URL has to come from somewhere. */
const BASE = 'http://127.0.0.1';
const MAX_HEADER = 32 * 1024;
const MAX_CONNECTIONS = 16;
/** For the whole of a request, in milliseconds. */
const PATIENCE_MS = 10_000;

interface Page {
  readonly status: number;
  readonly text: string;
  /** Null: this was no answer of a login; the listener waits further. */
  readonly answer: CallbackAnswer | null;
}

const INVALID: Page = { status: 400, text: 'Invalid OAuth callback', answer: null };
const MISMATCH: Page = { ...INVALID, text: 'State mismatch' };
const FOREIGN: CallbackAnswer = { ok: false, reason: 'failed to handle OAuth callback', denied: null };

function pageFor(url: URL, { path, state, foreign = 'ends' }: CallbackOptions): Page {
  const { searchParams: params } = url;
  const theirs = params.get('state');
  if (url.pathname !== path || theirs === null) return INVALID;
  if (theirs !== state) return foreign === 'ignored' ? MISMATCH : { ...INVALID, answer: FOREIGN };
  const kind = params.get('error');
  if (kind !== null) {
    const about = params.get('error_description');
    const reason = `OAuth provider returned \`${kind}\`${about === null ? '' : `: ${about}`}`.slice(0, MAX_REASON);
    return { status: 400, text: reason, answer: { ok: false, reason, denied: (about ?? kind).slice(0, MAX_REASON) } };
  }
  const code = params.get('code');
  if (code === null || code === '') return INVALID;
  return { status: 200, text: DONE, answer: { ok: true, code, issuer: params.get('iss') } };
}

/** In characters. */
const MAX_REASON = 1_000;

const DONE = 'Authentication complete. You may close this window.';
