/** The answer to a refused client (docs/protocol/network.md §3): the keys of the JSON body have this order. */
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';
import { certificateWords } from '../../../system/node/node-internals.js';
import type { Refused } from '../../decide/refuse.js';
import { REASONS } from '../../decide/denial-messages.js';
import type { LocalAnswer } from '../http/local-answers.js';

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

/**
 * As that; where this proxy itself spoke TLS, its client cannot see why it failed, so the answer says it (RFC 9209).
 */
export function upstreamFailure(
  body: string = UPSTREAM_FAILURE.body ?? '',
  scheme: 'http' | 'https',
  error: unknown,
): LocalAnswer {
  const answer: LocalAnswer = { ...UPSTREAM_FAILURE, body };
  return scheme === 'https' ? { ...answer, proxyStatus: proxyStatus(error) } : answer;
}

function proxyStatus(error: unknown): string {
  const message = messageOf(error);
  const kind = CERTIFICATE_ERROR.test(osCode(error) ?? '') ? 'tls_certificate_error' : 'destination_unavailable';
  const details = certificateWords(message)
    .replace(/[^\x20-\x7e]/g, ' ')
    .replace(/["\\]/g, "'")
    .slice(0, MAX_DETAILS);
  return `codexd; error=${kind}; details="${details}"`;
}
/** OpenSSL's verification errors and Node's own of names. */
const CERTIFICATE_ERROR = /CERT|ISSUER|CRL|SIGNATURE|ERR_TLS_CERT_ALTNAME/;
/** Characters of the error's text. */
const MAX_DETAILS = 200;
