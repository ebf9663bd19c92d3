/** What a refused client is told (spec/network.md §3): the keys of the JSON body stand in this order. */
import type { Refused } from '../decide.js';
import { REASONS } from '../denial-messages.js';
import type { LocalAnswer } from './responses.js';

/** Plain requests get JSON. `protocol` is `http` whatever the URL's scheme. */
export function refusedRequest({ target, reason, decision, source }: Refused): LocalAnswer {
  const { message, proxyError } = REASONS[reason];
  const body = {
    status: 'blocked',
    host: target.host.text,
    reason,
    decision,
    source,
    protocol: 'http',
    port: target.port,
    message,
  };
  return { status: 403, type: 'application/json', proxyError, body: JSON.stringify(body) };
}

/** CONNECT gets the message alone. */
export function refusedTunnel({ reason }: Refused): LocalAnswer {
  const { message, proxyError } = REASONS[reason];
  return { status: 403, type: 'text/plain', proxyError, body: message };
}

export const UPSTREAM_FAILURE: LocalAnswer = { status: 502, type: 'text/plain', body: 'upstream failure' };
