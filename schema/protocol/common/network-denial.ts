/**
 * Why the network said no to a command, codexd's own (docs/protocol-extensions.md): in command/exec's answer and in
 * items.
 */
import { nullish, oneOf, struct, text, u16 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const NetworkDenial = struct('NetworkDenial', {
  /** In canonical form (docs/protocol/network.md). */
  host: text,
  port: u16,
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  reason: oneOf(null, ['not_allowed', 'not_allowed_local', 'denied', 'method_not_allowed']),
  /** The rule that matched, null when none did. */
  rule: nullish(text),
  /** Who decided: the rules, limited mode, or someone who was asked. */
  source: oneOf(null, ['baseline_policy', 'mode_guard', 'decider']),
});
export type NetworkDenial = Wire<typeof NetworkDenial>;
