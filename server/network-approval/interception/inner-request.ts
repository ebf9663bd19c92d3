/**
 * A request inside an intercepted tunnel, whichever version of HTTP it came in, or on a plain connection that stands
 * for one (transparent_tcp).
 *
 * Threat: a tunnel to one host used for another (Host, `:authority`, an absolute target), a method that the tunnel
 * hides, a second tunnel inside the first.
 * Rule: every name that the request gives is the tunnel's own, or it is answered 421 (RFC 9110 §15.5.20); then it goes
 * the one decision path with its own method; opening a WebSocket counts as CONNECT (RFC 8441 §4), also for hooks. A
 * host with hooks gets requests over TLS that match one, as that hook changes them (hooks/command-hooks.ts).
 * Non-scope: the frames of a WebSocket that a hook with the method CONNECT has let open.
 */
import type { AccessRequest } from '../decide/decide.js';
import type { ChangedRequest } from '../hooks/changed-request.js';
import type { CommandPort } from '../proxy/upstream/command-port.js';
import type { ClientEnd } from '../proxy/http/client-end.js';
import { forward, type Exchange } from '../proxy/protocols/http-forward.js';
import { refusedRequest, refusedTunnel } from '../proxy/protocols/refusal.js';
import type { RequestHead } from '../proxy/http/request-head.js';
import { absoluteTarget, DEFAULT_PORTS } from '../proxy/http/request-target.js';
import type { LocalAnswer, Next } from '../proxy/http/local-answers.js';
import { wantsWebSocket } from '../proxy/protocols/web-socket.js';
import { parseAuthority, type Target } from '../decide/targets.js';

/** `answer`: the answer to the client without a request to the upstream. */
export type InnerServed = Next | 'denied' | 'relayed' | { readonly answer: LocalAnswer };

/** Opens a WebSocket on the client's connection: HTTP/1.1 alone can. */
export type OpenWebSocket = (exchange: Exchange) => Promise<Next | 'relayed'>;

/** The reference's text for every failure after the interception (docs/protocol/network.md §3). */
const FAILURE = 'mitm upstream error';

export async function serveInner(
  head: RequestHead,
  target: Target,
  command: CommandPort,
  client: ClientEnd,
  scheme: 'http' | 'https' = 'https',
  webSocket: OpenWebSocket | null = null,
): Promise<InnerServed> {
  const place = placeOf(head, target, scheme);
  if (typeof place !== 'string') return { answer: place };
  const upgrades = wantsWebSocket(head);
  const method = upgrades ? 'CONNECT' : head.method;
  const hook = command.hooks?.judge({ ...head, method }, target, place) ?? null;
  // Before the decision, because what the body shows is part of it.
  const prepared =
    hook === null || hook === 'denied' || scheme === 'http'
      ? null
      : await hook.prepare({ head, target, path: place, client });
  if (prepared?.kind === 'failed') return failed(prepared.why, client);
  const refusal = prepared?.kind === 'refused' ? prepared : null;
  const denied = hook === 'denied' || refusal !== null || (upgrades && webSocket === null);
  const change = prepared?.kind === 'changed' ? prepared : null;
  try {
    const outcome = await command.decide({
      protocol: scheme,
      target,
      method,
      intercepted: 'request',
      ...(hook === null ? {} : hooksSay(denied, scheme, refusal?.detail)),
    });
    if (outcome.kind === 'denied') return 'denied';
    if (outcome.kind === 'refused') {
      const answer = scheme === 'https' ? refusedTunnel(outcome.refused) : refusedRequest(outcome.refused);
      // What was read of the body cannot be read again, so the client's end answers.
      return refusal?.isRead === true || (change !== null && change.body !== null) ? client.answer(answer) : { answer };
    }
    const destination = { target, scheme, path: place } as const;
    const exchange: Exchange = { head, destination, outcome, client, command, failure: FAILURE, ...changeOf(change) };
    return await (upgrades && webSocket !== null ? webSocket(exchange) : forward(exchange));
  } finally {
    change?.release();
  }
}

function changeOf(change: ChangedRequest | null): Partial<Pick<Exchange, 'head' | 'body' | 'trailers'>> {
  if (change === null) return {};
  const { head, body, trailers } = change;
  return { head, trailers, ...(body === null ? {} : { body }) };
}

function failed(why: 'no-room' | 'broken', client: ClientEnd): Next {
  if (why === 'no-room') return client.answer({ status: 503, type: 'text/plain', body: 'too many bodies at once' });
  if (!client.gone) return client.answer({ status: 400 });
  client.cutOff();
  return 'close';
}

/** A secret would be readable on its way without TLS. */
function hooksSay(
  denied: boolean,
  scheme: 'http' | 'https',
  detail: string | undefined,
): Pick<AccessRequest, 'hooks' | 'hooksDetail'> {
  if (scheme === 'http') return { hooks: 'unreadable' };
  return denied ? { hooks: 'denied', ...(detail === undefined ? {} : { hooksDetail: detail }) } : {};
}

/** The path, or the reason why the request's target is refused. */
function placeOf(head: RequestHead, target: Target, scheme: 'http' | 'https'): string | LocalAnswer {
  const bad = (body: string): LocalAnswer => ({ status: 400, type: 'text/plain', body });
  if (head.headers.some(({ key }) => key === 'x-unix-socket')) {
    return { status: 501, type: 'text/plain', body: 'unix sockets unsupported' };
  }
  const hosts = head.headers.filter(({ key }) => key === 'host').map(({ value }) => value);
  if (hosts.length > 1) return bad('multiple Host headers');
  if (hosts.length === 0 && head.minorVersion === 1) return bad('missing host');
  const absolute = absoluteTarget(head.target);
  const named = [...hosts, ...(absolute === null ? [] : [absolute.authority])];
  // A second CONNECT names where it wants to go; no method policy lets it through.
  if (head.method === 'CONNECT') return '*';
  if (!named.every((text) => isTarget(text, target, scheme)) || (absolute !== null && absolute.scheme !== scheme)) {
    return { status: 421, type: 'text/plain', body: 'the request names another host than the tunnel' };
  }
  if (absolute !== null) return absolute.path;
  return head.target.startsWith('/') || head.target === '*'
    ? head.target.replace(/#.*$/, '')
    : bad('no request target');
}

function isTarget(text: string, target: Target, scheme: 'http' | 'https'): boolean {
  const named = parseAuthority(text, DEFAULT_PORTS[scheme]);
  return named !== null && named.host.text === target.host.text && named.port === target.port;
}
