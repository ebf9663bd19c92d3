/** The names and texts of refusals on the wire and for people (docs/protocol/network.md §3 and §4). */
import type { Refused } from './refuse.js';
import type { DenialReason, NetworkDenial, NetworkProtocol } from '../registration/denial.js';

interface ReasonTexts {
  /** The value of `x-proxy-error`. */
  readonly proxyError: string;
  /** `message` of the 403 body. */
  readonly message: string;
  /** The text after `Network access to "HOST" was blocked: `. */
  readonly cause: string;
}

export const REASONS: Readonly<Record<DenialReason, ReasonTexts>> = {
  not_allowed: {
    proxyError: 'blocked-by-allowlist',
    message: 'Domain not in allowlist.',
    cause: 'domain is not on the allowlist for the current sandbox mode.',
  },
  not_allowed_local: {
    proxyError: 'blocked-by-allowlist',
    message: 'Sandbox policy blocks local/private network addresses.',
    cause: 'local/private network addresses are blocked by the sandbox policy.',
  },
  denied: {
    proxyError: 'blocked-by-denylist',
    message: 'Domain denied by the sandbox policy.',
    cause: 'domain is explicitly denied by policy and cannot be approved from this prompt.',
  },
  method_not_allowed: {
    proxyError: 'blocked-by-method-policy',
    message: 'Method not allowed in limited mode.',
    cause: 'request method is blocked by the current network mode.',
  },
  mitm_required: {
    proxyError: 'blocked-by-mitm-required',
    message: 'MITM required for limited HTTPS.',
    cause: 'the hooks of the permission profile need a request over TLS through the HTTP proxy.',
  },
  mitm_hook_denied: {
    proxyError: 'blocked-by-mitm-hook',
    message: 'HTTPS request denied by MITM hook policy.',
    cause: 'no hook of the permission profile allows this request.',
  },
};

const SCHEMES: Readonly<Record<NetworkProtocol, string>> = {
  http: 'http',
  https: 'https',
  socks5Tcp: 'socks5',
  socks5Udp: 'socks5-udp',
};

/** A target as written in messages; `host` canonical. */
export const targetUrl = (protocol: NetworkProtocol, host: string, port: number): string =>
  `${SCHEMES[protocol]}://${host}:${port}`;

/** Returns the denial that ends a command. */
export function denialOf(refused: Refused, protocol: NetworkProtocol): NetworkDenial {
  const { target, reason, rule, source } = refused;
  return {
    host: target.host.text,
    port: target.port,
    protocol,
    reason,
    rule,
    source,
    message: refused.sentence ?? sentence(refused, protocol),
  };
}

function sentence({ target, reason, source }: Refused, protocol: NetworkProtocol): string {
  const { text } = target.host;
  // A prompt was necessary and nobody could receive it: the rules alone did not decide (docs/protocol/network.md §4).
  if (source === 'decider')
    return `Network access to "${targetUrl(protocol, text, target.port)}" was blocked by policy.`;
  return `Network access to "${text}" was blocked: ${REASONS[reason].cause}`;
}
