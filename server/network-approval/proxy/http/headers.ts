/**
 * What of a message's headers goes through the proxy.
 *
 * Threat: a client that makes an upstream act on a header meant for the proxy, an upstream that forges the proxy's own.
 * Rule: hop-by-hop fields, and every field that `Connection` names, end here, both ways; the Host header is rebuilt
 * from the judged target; `x-proxy-error` is only ever ours. Nothing is added (docs/protocol/network.md §3).
 */
import { authorityText } from '../../decide/targets.js';
import { DEFAULT_PORTS, type Destination } from './request-target.js';
import { listed, type Header } from './request-head.js';

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-authentication-info',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
/** Says that the proxy itself refused: an upstream must not be able to (smokescreen, TestClearsErrorHeader). */
const OURS = 'x-proxy-error';

/** Fields for the upstream, Host first. `announced`: the names of trailers go along, because trailers can follow. */
export function upstreamHeaders(
  headers: readonly Header[],
  { target, scheme }: Destination,
  announced: boolean,
): readonly Header[] {
  const written = headers.find(({ key }) => key === 'host')?.name ?? 'Host';
  const host = { name: written, key: 'host', value: authorityText(target, DEFAULT_PORTS[scheme]) };
  return [host, ...endToEnd(headers, announced).filter(({ key }) => key !== 'host')];
}

/** Whether the client reads trailers, and says so (RFC 9110 §6.5.1): the one use of TE that is passed on. */
export const wantsTrailers = (headers: readonly Header[]): boolean => listed(headers, 'te').has('trailers');

/** Fields for the client; `raw` is a flat list of names and values as they came. `announced`: as above. */
export function clientHeaders(raw: readonly string[], announced = false): readonly Header[] {
  const headers: Header[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    headers.push({ name, key: name.toLowerCase(), value: raw[i + 1] ?? '' });
  }
  return endToEnd(headers, announced).filter(({ key }) => key !== OURS);
}

function endToEnd(headers: readonly Header[], announced: boolean): readonly Header[] {
  const named = listed(headers, 'connection');
  // `Connection: content-length` would take the framing away and leave the body: it is the start of the next message
  // then.
  const dropped = ({ key }: Header): boolean =>
    (HOP_BY_HOP.has(key) && !(announced && key === 'trailer')) || (named.has(key) && key !== 'content-length');
  return headers.filter((header) => !dropped(header));
}
