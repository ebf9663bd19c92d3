/**
 * The pages of a listener, as routes of fastify: `/healthz`, `/readyz`, `/metrics`.
 *
 * Threat: a request that costs memory or time before it is refused; one spelling of a path that the rules do not take
 * for a page, and the router does.
 * Rule: one hook judges every request by its head alone, before any route and any body; only what reads gets past it,
 * and fastify reads no body of a GET or HEAD. The router sees a page's own path, or one that has no route.
 * Scope: plain HTTP. Non-scope: upgrades (listener.ts, unix-socket.ts), silent connections (connection-guard.ts).
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { NO_UPGRADE, pageOf, judgeUpgrade, type HttpAnswer, type Page, type Readiness } from './http-rules.js';

/** What a GET of `/metrics` answers, made anew for each. */
export interface MetricsPage {
  readonly type: string;
  text(): Promise<string>;
}

export interface PagesOptions {
  /** Null: there is no such page. */
  readonly metrics: MetricsPage | null;
  readonly readiness?: Readiness;
  /** What speaks against the request; null: nothing. `page`: what it asks for, of what there is. */
  judge(request: IncomingMessage, page: Page | null): HttpAnswer | null | Promise<HttpAnswer | null>;
  /** Bytes that are no HTTP, where fastify's own server listens. */
  unreadable?(socket: Socket): void;
  /** A page that could not be made. Absent: it is a 500. */
  failed?(socket: Socket): void;
}

/** The routes stand; the caller listens, or hands over its requests (`routing`) after `ready`. */
export async function createPages(options: PagesOptions): Promise<FastifyInstance> {
  const { metrics, readiness, judge, unreadable, failed } = options;
  const { default: fastify } = await import('fastify');
  const served = ({ url = '/' }: { readonly url?: string | undefined }): Page | null => {
    const page = pageOf(url);
    return page === '/metrics' && metrics === null ? null : page;
  };
  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    ...(unreadable === undefined ? {} : { clientErrorHandler: (_error, socket) => unreadable(socket) }),
    rewriteUrl: (request) => served(request) ?? '/',
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

const WELL: HttpAnswer = { status: 200, body: '' };
/** Of every answer that has a text of its own. */
export const TEXT = 'text/plain; charset=utf-8';

function send(reply: FastifyReply, { status, body, allow }: HttpAnswer): FastifyReply {
  reply.code(status);
  if (allow) reply.header('allow', allow);
  if (body) reply.header('content-type', TEXT);
  return reply.send(body);
}
