/**
 * What of the fields behind a body goes through the proxy, in either direction and between versions of HTTP.
 *
 * Threat: a field that a recipient merges into the head, after the head was judged or cleaned: framing, routing,
 * credentials, a refusal in the proxy's name.
 * Rule: such fields end here (RFC 9110 §6.5.1 forbids them), like those that are meant for one hop.
 */
import { clientHeaders } from './headers.js';
import type { Header } from './request-head.js';

/** Beside the fields of one hop, which `endToEnd` takes out. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'host',
  'set-cookie',
  'www-authenticate',
]);

/** `raw`: a flat list of names and values. */
export function passableTrailers(raw: readonly string[]): readonly Header[] {
  return clientHeaders(raw).filter(({ key }) => !FORBIDDEN.has(key) && !key.startsWith(':'));
}
