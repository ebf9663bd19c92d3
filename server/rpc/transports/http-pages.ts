/**
 * The pages of a listener, as routes of fastify: `/healthz`, `/readyz`, `/metrics`, and those of the console.
 *
 * Threat: a request costs memory or time before it is refused; the router accepts a spelling of a path that the rules
 * do not treat as a page.
 * Rule: one hook judges every request by its head alone, before any route and any body. Only reads pass it, and fastify
 * reads no body of a GET or HEAD; the console's session alone has other methods, and a small body. The router sees a
 * page's own path, or a path without a route.
 * Scope: plain HTTP.
 * Non-scope: upgrades (listener.ts, unix-socket.ts), idle connections (connection-guard.ts).
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ConsoleDoor } from './console-door.js';
import { NO_UPGRADE, pageOf, judgeUpgrade, type HttpAnswer, type Page, type Readiness } from './http-rules.js';

/** Returns the text for a GET of `/metrics`, computed for each request. */
export interface MetricsPage {
  readonly type: string;
  text(): Promise<string>;
}

export interface PagesOptions {
  /** null: no such page. */
  readonly metrics: MetricsPage | null;
  readonly readiness?: Readiness;
  /** Returns the objection to the request; null: none. `page`: the requested page, if it exists. */
  judge(request: IncomingMessage, page: Page | null): HttpAnswer | null | Promise<HttpAnswer | null>;
  /** Absent: no console. `counted`: see ConsoleDoor. */
  readonly console?: {
    readonly door: ConsoleDoor;
    readonly counted: (socket: Socket, answer: HttpAnswer) => HttpAnswer;
  };
  /** Called for bytes that are not HTTP, when fastify's own server listens. */
  unreadable?(socket: Socket): void;
  /** Called when a page could not be made. Absent: the answer is a 500. */
  failed?(socket: Socket): void;
}

/** Makes the routes. After `ready`, the caller listens, or passes its requests on (`routing`). */
export async function createPages(options: PagesOptions): Promise<FastifyInstance> {
  const { metrics, readiness, judge, console, unreadable, failed } = options;
  const { default: fastify } = await import('fastify');
  const served = ({ url = '/' }: { readonly url?: string | undefined }): Page | null => {
    const page = pageOf(url);
    return page === '/metrics' && metrics === null ? null : page;
  };
  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    ...(unreadable === undefined ? {} : { clientErrorHandler: (_error, socket) => unreadable(socket) }),
    rewriteUrl: (request) => served(request) ?? (console?.door.owns(request.url ?? '/') ? request.url! : NO_PAGE),
  });
  app.addHook('onRequest', async ({ raw }, reply) => {
    const answer = await judge(raw, served(raw));
    return answer === null ? undefined : send(reply, answer);
  });
  const page = (url: Page, handler: (reply: FastifyReply) => FastifyReply | Promise<FastifyReply>): void => {
    app.route({ method: ['GET', 'HEAD'], url, handler: (_request, reply) => handler(reply) });
  };
  page('/healthz', (reply) => send(reply, WELL));
  page('/readyz', (reply) => {
    const why = readiness?.() ?? null;
    return send(reply, why === null ? WELL : { status: 503, body: why });
  });
  if (metrics !== null) {
    page('/metrics', async (reply) => {
      reply.header('content-type', metrics.type).header('cache-control', 'no-store');
      return reply.send(await metrics.text());
    });
  }
  console?.door.addRoutes(app, ({ raw }, answer) => console.counted(raw.socket, answer));
  if (failed !== undefined) {
    app.setErrorHandler((_error, { raw }, reply) => {
      reply.hijack();
      failed(raw.socket);
    });
  }
  app.setNotFoundHandler(({ raw }, reply) => {
    const answer = judgeUpgrade(raw);
    return send(reply, answer === 'upgrade' ? NO_UPGRADE : answer);
  });
  return app;
}

/** A path without a route. */
const NO_PAGE = '/no-page';
const WELL: HttpAnswer = { status: 200, body: '' };
/** The type of every answer with a text. */
export const TEXT = 'text/plain; charset=utf-8';

function send(reply: FastifyReply, { status, body, allow }: HttpAnswer): FastifyReply {
  reply.code(status);
  if (allow) reply.header('allow', allow);
  if (body) reply.header('content-type', TEXT);
  return reply.send(body);
}
