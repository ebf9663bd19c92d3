/**
 * The console on a WebSocket listener: its files, `/console/session`, and the judgement of `/console/socket`.
 *
 * Threat: a web page of another origin, a rebound name, or a page in a frame uses the console in the user's browser;
 * the token of a link reaches a log, a history or another site.
 * Rule: a path counts only in its one spelling, without a query. Every request must name the console's own host; with
 * an `Origin` it must be its own, and requests that change something or open a socket must have one. The token comes
 * in the body of one request, and the page gets it from the part of its address that browsers do not send. Then a
 * cookie counts that no script can read and that no other site's request carries. Its name has the port, because
 * browsers do not separate the ports of a host, and only this listener knows its value.
 * Scope: what browsers send to this listener.
 * Non-scope: sandboxed commands (listener.ts asks before), what a session may do (a client like any other).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../transports/auth.js';
import { cookiesNamed, type ConsoleDoor } from '../transports/console-door.js';
import { judgeUpgrade, type HttpAnswer, type HttpRequest } from '../transports/http-rules.js';
import { isObject } from '../../system/node/objects.js';
import type { ConsoleFile, ConsoleFiles } from './files.js';
import type { OwnNames } from './own-names.js';
import { createConsoleSessions, type ConsoleSession, type Exchange } from './sessions.js';

export interface ConsoleOptions {
  readonly files: ConsoleFiles;
  readonly names: OwnNames;
  readonly authenticate: Authenticate | null;
  /** The port of the listener, once it listens. */
  readonly port: () => number;
}

export interface Console extends ConsoleDoor {
  /** A fresh token for a link. */
  newLink(lifetimeMs: number): string;
  /** The credentials of the listener were read again. */
  credentialsRead(): void;
}

const SESSION = '/console/session';
const SOCKET = '/console/socket';
/** Octets of a body: a signed token is some hundred. */
const MAX_BODY = 8 * 1024;

export function createConsole({ files, names, authenticate, port }: ConsoleOptions): Console {
  const sessions = createConsoleSessions({ authenticate });
  const cookieName = (): string => `codexd_console_${port()}`;
  const secrets = (headers: HttpRequest['headers']): readonly string[] => cookiesNamed(cookieName(), headers);
  const sessionOf = (headers: HttpRequest['headers']): ConsoleSession | null => {
    for (const secret of secrets(headers)) {
      const session = sessions.find(secret);
      if (session !== null) return session;
    }
    return null;
  };
  const signIn = authenticate === null ? FRESH_LINK : 'sign in with the token of `--ws-auth`, or with a fresh link';
  const noSession = (): HttpAnswer => ({ status: 401, body: `no session: ${signIn}`, refusal: 'credential' });

  const originObjection = ({ method, url, headers }: HttpRequest): HttpAnswer | null => {
    const { host, origin } = headers;
    if (host === undefined || !names.isHost(host)) return { status: 403, body: '', refusal: 'host' };
    const needsOrigin = url === SOCKET || (url === SESSION && method !== 'GET' && method !== 'HEAD');
    if (origin === undefined ? needsOrigin : !names.isOrigin(origin, host)) return FOREIGN;
    // A link on another site may open the page; nothing else of it may be used from elsewhere, nor in a frame.
    const { 'sec-fetch-site': site = 'same-origin', 'sec-fetch-dest': dest = 'empty' } = headers;
    const isPage = url === '/' && (dest === 'document' || dest === 'empty');
    return isPage || site === 'same-origin' || site === 'none' ? null : FOREIGN;
  };

  const enter = async (request: FastifyRequest): Promise<HttpAnswer | { readonly secret: string }> => {
    const token = isObject(request.body) ? request.body['token'] : undefined;
    if (typeof token !== 'string') return { status: 400, body: 'expected {"token": "…"}' };
    const exchanged = await sessions.exchange(token);
    return 'secret' in exchanged ? exchanged : refusalOf(exchanged.refused, signIn);
  };
  /** `value` null: removes the cookie. */
  const setCookie = (request: FastifyRequest, reply: FastifyReply, value: string | null): void => {
    const secure = request.headers.origin?.startsWith('https:') ? '; Secure' : '';
    const rest = `Path=/console; HttpOnly; SameSite=Strict${secure}`;
    reply.header('set-cookie', `${cookieName()}=${value ?? ''}; ${rest}${value === null ? '; Max-Age=0' : ''}`);
  };

  return {
    newLink: (lifetimeMs) => sessions.newLink(lifetimeMs),
    credentialsRead: () => sessions.endCredentials(),
    owns: (url) => files.has(url) || url === SESSION || url === SOCKET,
    objectionTo(request) {
      const { method, url } = request;
      const allowed = url === SESSION ? ['GET', 'HEAD', 'POST', 'DELETE'] : ['GET', 'HEAD'];
      const objection = originObjection(request);
      if (objection !== null) return objection;
      return allowed.includes(method) ? null : { status: 405, body: '', allow: allowed.join(',') };
    },
    addRoutes(app, counted) {
      const send = (request: FastifyRequest, reply: FastifyReply, answer: HttpAnswer): FastifyReply => {
        const { status, body } = counted(request, answer);
        return reply.code(status).header('content-type', 'text/plain; charset=utf-8').send(body);
      };
      for (const [url, file] of files) {
        app.route({ method: ['GET', 'HEAD'], url, handler: (request, reply) => sendFile(request, reply, file) });
      }
      app.route({
        method: ['GET', 'HEAD'],
        url: SESSION,
        handler({ headers }, reply) {
          harden(reply, null);
          const known = sessionOf(headers) !== null;
          // Asked by every page that starts: no refusal of anybody.
          return known ? reply.send('') : reply.code(401).type('text/plain; charset=utf-8').send(noSession().body);
        },
      });
      app.route({
        method: 'POST',
        url: SESSION,
        bodyLimit: MAX_BODY,
        // The messages of parsers repeat what they read.
        errorHandler({ statusCode = 400 }, request, reply) {
          const status = statusCode === 413 ? 413 : 400;
          send(request, reply, { status, body: 'expected {"token": "…"} as JSON' });
        },
        handler(request, reply) {
          harden(reply, null);
          return enter(request).then((entered) => {
            if (!('secret' in entered)) return send(request, reply, entered);
            setCookie(request, reply, entered.secret);
            return reply.code(204).send();
          });
        },
      });
      app.route({
        method: 'DELETE',
        url: SESSION,
        bodyLimit: 1,
        handler(request, reply) {
          harden(reply, null);
          for (const secret of secrets(request.headers)) sessions.end(secret);
          setCookie(request, reply, null);
          return reply.code(204).send();
        },
      });
      // A plain request.
      app.get(SOCKET, (request, reply) => send(request, reply, { status: 400, body: 'this is a WebSocket' }));
    },
    judgeSocket(request) {
      if (request.url !== SOCKET) return null;
      const objection = originObjection(request);
      if (objection !== null) return objection;
      const answer = judgeUpgrade(request);
      if (answer !== 'upgrade') return answer;
      const session = sessionOf(request.headers);
      if (session === null) return noSession();
      return { ...session, why: 'the session of the console has ended', via: 'console' };
    },
  };
}

const FRESH_LINK = 'open a fresh link, which `codexd console` prints';
const FOREIGN: HttpAnswer = { status: 403, body: '', refusal: 'origin' };

function refusalOf(refused: Extract<Exchange, { refused: string }>['refused'], signIn: string): HttpAnswer {
  switch (refused) {
    case 'limited':
      return { status: 429, body: 'too many wrong tokens: wait a moment', refusal: 'limit' };
    case 'used':
      return { status: 401, body: `this link was used: ${FRESH_LINK}`, refusal: 'credential' };
    case 'expired':
      return { status: 401, body: `this link is too old: ${FRESH_LINK}`, refusal: 'credential' };
    case 'unknown':
      return { status: 401, body: `this is no token of this daemon: ${signIn}`, refusal: 'credential' };
  }
}

function sendFile({ headers }: FastifyRequest, reply: FastifyReply, { type, body, tag }: ConsoleFile): FastifyReply {
  harden(reply, tag);
  if (tag !== null && headers['if-none-match'] === tag) return reply.code(304).send();
  return reply.header('content-type', type).send(body);
}

/**
 * No other origin, no inline code, no frame. Styles of the page are set by scripts, which this does not concern. No
 * text becomes markup but through the policy of DOMPurify, which the Markdown of the page uses.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types dompurify',
].join('; ');

function harden(reply: FastifyReply, tag: string | null): void {
  reply.headers({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': tag === null ? 'no-store' : 'no-cache',
    ...(tag === null ? {} : { etag: tag }),
  });
}
