/**
 * `network/policy/test`: what the network policy would decide, without a request. codexd adds this method
 * (docs/protocol-extensions.md).
 */
import { json, list, nullish, oneOf, optional, struct, text, u16 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const NetworkPolicyTestParams = struct('NetworkPolicyTestParams', {
  host: text,
  port: u16,
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  /** The HTTP method and path of the request inside, for limited mode and hooks. */
  method: optional(text),
  path: optional(text),
  /** Where the command would run. Default: the folder of the daemon, or of the thread. */
  cwd: optional(text),
  /** A permission profile. Default: the configured one, or that of the thread. */
  profile: optional(text),
  threadId: optional(text),
});
export type NetworkPolicyTestParams = Wire<typeof NetworkPolicyTestParams>;

/** How the configuration would decide about this host and port from now on. */
export const NetworkPolicyChange = struct('NetworkPolicyChange', {
  /** For `config/batchWrite`. Empty: `obstacle` says why no edit does it; without one, it is so already. */
  edits: list(struct(null, { keyPath: text, value: json })),
  /** What the edits write, as TOML, and the file that they change. Empty without edits. */
  text: text,
  file: text,
  /** For which commands the edits count. Empty without edits. */
  scope: text,
  /** Why no edit does it, and what a person can do instead. */
  obstacle: nullish(text),
});
export type NetworkPolicyChange = Wire<typeof NetworkPolicyChange>;

export const NetworkPolicyTestResponse = struct('NetworkPolicyTestResponse', {
  verdict: oneOf(null, ['allow', 'deny', 'ask']),
  /** Why it would be refused or asked about. */
  reason: nullish(
    oneOf(null, [
      'not_allowed',
      'not_allowed_local',
      'denied',
      'method_not_allowed',
      'mitm_required',
      'mitm_hook_denied',
      /** The profile has no network, or the whole. */
      'no_network',
      'unrestricted',
    ]),
  ),
  /** The rule that decided, as written. */
  rule: nullish(text),
  source: oneOf(null, ['baseline_policy', 'mode_guard', 'decider']),
  /** Where the rule is written: a file with its line, or a layer of the configuration. */
  origin: nullish(text),
  /** One sentence: what decided, and what would have to change for another verdict. */
  explanation: text,
  /** Lines for a rules file that allow or deny the host. */
  ruleText: struct(null, { allow: text, deny: text }),
  /** Edits of the user's configuration that allow or deny the host and port. */
  changes: struct(null, { allow: NetworkPolicyChange, deny: NetworkPolicyChange }),
});
export type NetworkPolicyTestResponse = Wire<typeof NetworkPolicyTestResponse>;

/** A person approves a host and port for the session of a loaded thread, as an answer `acceptForSession` does. */
export const OperatorNetworkAllowForSessionParams = struct('OperatorNetworkAllowForSessionParams', {
  threadId: text,
  host: text,
  port: u16,
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
});
export type OperatorNetworkAllowForSessionParams = Wire<typeof OperatorNetworkAllowForSessionParams>;

export const OperatorNetworkAllowForSessionResponse = struct('OperatorNetworkAllowForSessionResponse', {});
export type OperatorNetworkAllowForSessionResponse = Wire<typeof OperatorNetworkAllowForSessionResponse>;
