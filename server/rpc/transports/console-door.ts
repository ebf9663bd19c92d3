/** What a listener needs of the console (server/rpc/console): a listener without it answers as if there were none. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpAnswer, HttpRequest } from './http-rules.js';
import type { Lease } from './web-socket-server.js';

export interface ConsoleDoor {
  /** Whether the console answers this path, which is compared as received. */
  owns(url: string): boolean;
  /** The first objection to a request for such a path, before any body is read; null: none. */
  objectionTo(request: HttpRequest): HttpAnswer | null;
  /** Adds the routes. `counted`: notes an answer that refuses somebody, and returns it. */
  addRoutes(app: FastifyInstance, counted: (request: FastifyRequest, answer: HttpAnswer) => HttpAnswer): void;
  /** Judges an upgrade of the console's own socket; null: another path, to which the listener's rules apply. */
  judgeSocket(request: HttpRequest): HttpAnswer | Lease | null;
}

/** The cookies of a request with this name. Pages of other ports can add some, so each is tried. */
export function cookiesNamed(name: string, { cookie = '' }: IncomingHttpHeaders): readonly string[] {
  return cookie.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
}
