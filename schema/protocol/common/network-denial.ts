/**
 * The reason why the network policy denied a command. codexd adds it (docs/protocol-extensions.md) to the result of
 * command/exec and to items.
 */
import { nullish, oneOf, struct, text, u16 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const NetworkDenial = struct('NetworkDenial', {
  /** In canonical form (docs/protocol/network.md). */
  host: text,
  port: u16,
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  reason: oneOf(null, [
    'not_allowed',
    'not_allowed_local',
    'denied',
    'method_not_allowed',
    'mitm_required',
    'mitm_hook_denied',
  ]),
  /** The rule that matched. Null: no rule matched. */
  rule: nullish(text),
  /** The decider: the rules, limited mode, or a person or reviewer who was asked. */
  source: oneOf(null, ['baseline_policy', 'mode_guard', 'decider']),
});
export type NetworkDenial = Wire<typeof NetworkDenial>;
