/**
 * The rules about the network.
 *
 * Threat: a program outside connects for those inside: the resolver (mDNSResponder, a unix socket and a service), or
 * any program that listens on a unix socket. A rule with `localhost` may be about ::1 as well.
 * Rule: without network, nothing is allowed. In a lane, TCP to the lane's own ports is, nothing else: no UDP, no name
 * server, no unix socket, no listening. The pool holds the same ports of ::1, or no one may listen there
 * (network-approval/lanes). With direct network, hidden sockets stay out of reach: a unix socket is reached by a
 * network rule, not by a file rule.
 * Non-scope: the service that checks certificates can fetch what a certificate names (docs/security.md).
 */
import { except, quote, whole, type Filter } from './places.js';

export type SeatbeltNetwork =
  | { readonly kind: 'offline' }
  | { readonly kind: 'direct' }
  /** The ports of the command's own lane on 127.0.0.1. */
  | { readonly kind: 'lane'; readonly ports: readonly number[] };

/**
 * What programs need to check certificates with the system's roots (Security.framework: Go, Swift, git, curl), and to
 * read the configuration of the network. Not SecurityServer, which opens the keychain.
 */
const TRUST = [
  'com.apple.trustd',
  'com.apple.trustd.agent',
  'com.apple.ocspd',
  'com.apple.networkd',
  'com.apple.SystemConfiguration.configd',
  'com.apple.SystemConfiguration.DNSConfiguration',
];

/** Kernel controls (SYSPROTO_CONTROL of sys/sys_domain.h), by which libraries watch the state of the network. */
const KERNEL_CONTROLS = '(allow system-socket (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)))';

const trust = (): string => `(allow mach-lookup ${TRUST.map((name) => `(global-name ${quote(name)})`).join(' ')})`;

/** Throws RangeError for an invalid port, or a lane without one. `hidden`: places of the plan without any access. */
export function networkRules(network: SeatbeltNetwork, hidden: readonly string[]): readonly string[] {
  switch (network.kind) {
    case 'offline':
      return [];
    case 'direct': {
      const sockets: readonly Filter[] = ['(regex #"^/")'];
      return [
        '(allow network-bind network-inbound)',
        '(allow network-outbound (remote ip "*:*"))',
        `(allow network-outbound ${except(sockets, hidden.flatMap(whole))})`,
        '(allow system-socket)',
        trust(),
      ];
    }
    case 'lane': {
      const { ports } = network;
      if (ports.length === 0) throw new RangeError('a lane has no port');
      for (const port of ports)
        if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`${port} is not a port`);
      return [
        `(allow network-outbound ${ports.map((port) => `(remote tcp "localhost:${port}")`).join(' ')})`,
        KERNEL_CONTROLS,
        trust(),
      ];
    }
  }
}
