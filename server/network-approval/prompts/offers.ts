/** The texts and offers of prompts (docs/protocol/network.md §4). */
import type { NetworkApprovalDecision } from '../../../schema/protocol/approvals/network-approval.js';
import type { NetworkPolicyAmendment } from '../../../schema/protocol/common/network.js';
import type { NetworkProtocol } from '../registration/denial.js';
import { canonicalHost } from '../decide/targets.js';
import { isAmong } from './offered.js';
import type { Decision, Prompt } from '../registration/prompter.js';

export const promptReason = (host: string): string => `Network access to ${host} requires approval`;

export const amendment = (host: string, action: 'allow' | 'deny'): NetworkApprovalDecision => ({
  applyNetworkPolicyAmendment: { network_policy_amendment: { host, action } },
});

/** `proposedNetworkPolicyAmendments` of a turn's prompt. */
export const proposedAmendments = (host: string): NetworkPolicyAmendment[] => [
  { host, action: 'allow' },
  { host, action: 'deny' },
];

/** `availableDecisions` of a turn's prompt, in the reference's order. */
export const turnDecisions = ({ host }: Prompt): Decision[] => [
  'accept',
  'acceptForSession',
  amendment(host, 'allow'),
  'cancel',
];

/** The decisions of codexd's own prompt for command/exec (docs/protocol-extensions.md): all accepted ones. */
export const connectionDecisions = ({ host }: Prompt): NetworkApprovalDecision[] => [
  'accept',
  'acceptForSession',
  amendment(host, 'allow'),
  amendment(host, 'deny'),
  'decline',
  'cancel',
];

/** The protocol's part of a turn prompt's `itemId` (`network#local#http#api.test#8080#<uuid>`). */
export const PROTOCOL_WORDS: Readonly<Record<NetworkProtocol, string>> = {
  http: 'http',
  https: 'https',
  socks5Tcp: 'socks5-tcp',
  socks5Udp: 'socks5-udp',
};

/** Whether this answer may be given to this prompt. */
export function isOffered(decision: Decision, { host }: Prompt, offered: readonly Decision[]): boolean {
  // A permanent denial is a refusal too.
  return isAmong(decision, [...offered, amendment(host, 'deny')], keyOf);
}

/** An amendment is identified by its action. Its host is checked, and answered, separately. */
function keyOf(decision: Decision): string {
  if (typeof decision === 'string') return decision;
  if (!('applyNetworkPolicyAmendment' in decision)) return JSON.stringify(decision);
  return `amend ${decision.applyNetworkPolicyAmendment.network_policy_amendment.action}`;
}

/** Whether an amendment is about the prompt's own host, in any spelling. */
export const isAboutHost = (written: string, { host }: Prompt): boolean => canonicalHost(written)?.text === host;
