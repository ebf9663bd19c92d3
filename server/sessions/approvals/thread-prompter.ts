/**
 * Who is asked about the network requests of a thread's commands (docs/protocol/network.md §4, §5): the thread's
 * subscribers, or the automatic reviewer.
 *
 * Threat: somebody is asked who cannot know what for; an approval serves another thread or outlives its own; a command
 * whose turn is over goes on asking.
 * Rule: nobody is asked under `never`, where `[codexd] network_prompts` does not let anybody, and for a turn that is
 * not the running one; what was approved for the session before still holds then. An interrupt is a no.
 * Non-scope: what an answer does (network-approval/prompts/ask.ts); one prompt for all who wait for one target
 * (approval-service.ts).
 */
import { randomUUID } from 'node:crypto';
import type { ExtendedCommandExecutionRequestApprovalParams } from '../../../schema/protocol/approvals/extensions.js';
import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import { promptsConfigured } from '../../exec/methods/connection-prompter.js';
import { PROTOCOL_WORDS, proposedAmendments, turnDecisions } from '../../network-approval/prompts/offers.js';
import type { Decision, Prompt, Prompter, Reply } from '../../network-approval/registration/prompter.js';
import { targetUrl } from '../../network-approval/decide/denial-messages.js';
import type { ToolContext } from '../tool-types/tool.js';
import { autoReview, isReviewed, type ReviewSubject } from './auto-review.js';

/**
 * `itemId`: the commandExecution item. Null: the command has no proxy to ask for it. Approvals live as long as the
 * thread is loaded: a fork and a thread that is loaded anew start without any.
 */
export function threadPrompter(context: ToolContext, itemId: string, network: NetworkAccess): Prompter | null {
  if (network.kind !== 'proxied') return null;
  const { thread, turn, state } = context;
  const asks = state.wire.approvalPolicy !== 'never' && promptsConfigured(state.settings, network);
  return {
    memory: thread.runtime.network,
    offers: turnDecisions,
    async ask(prompt, offered, signal) {
      if (!asks || thread.turn !== turn || turn.ending) return null;
      const either = AbortSignal.any([signal, turn.signal]);
      try {
        return await (isReviewed(context)
          ? review(context, prompt, either)
          : askSubscribers(context, { prompt, offered, itemId }, either));
      } catch (error) {
        if (turn.signal.aborted) return 'decline';
        throw error;
      }
    },
    amended({ host }, action) {
      const list = action === 'allow' ? 'allowlist' : 'denylist';
      const verb = action === 'allow' ? 'Allowed' : 'Denied';
      context.note(`${verb} network rule saved in execpolicy (${list}): ${host}`);
    },
    warn: (_prompt, message) => thread.events.notify('warning', { threadId: thread.id, message }),
  };
}

interface About {
  readonly prompt: Prompt;
  readonly offered: readonly Decision[];
  readonly itemId: string;
}

async function askSubscribers(
  { thread, turn, cancelTurn }: ToolContext,
  about: About,
  signal: AbortSignal,
): Promise<Reply> {
  thread.flag('waitingOnApproval', true);
  try {
    const params = paramsOf(about, thread.id, turn.id);
    const { decision } = await thread.events.ask('item/commandExecution/requestApproval', params, signal);
    if (decision === 'cancel') cancelTurn();
    return decision;
  } finally {
    // The flags of a turn that is over went down with it; the next turn has its own.
    if (thread.turn === turn) thread.flag('waitingOnApproval', false);
  }
}

function paramsOf(
  { prompt, offered, itemId }: About,
  threadId: string,
  turnId: string,
): ExtendedCommandExecutionRequestApprovalParams {
  const { host, port, protocol, reason, startedAtMs } = prompt;
  return {
    kind: 'command',
    threadId,
    turnId,
    itemId: `network#local#${PROTOCOL_WORDS[protocol]}#${host}#${port}#${randomUUID()}`,
    startedAtMs,
    environmentId: 'local',
    reason,
    networkApprovalContext: { host, protocol },
    proposedNetworkPolicyAmendments: proposedAmendments(host),
    availableDecisions: [...offered],
    // Which command asks: the reference does not say (docs/protocol/network.md §4).
    commandItemId: itemId,
  };
}

async function review(context: ToolContext, prompt: Prompt, signal: AbortSignal): Promise<Reply> {
  const verdict = await autoReview(context, subjectOf(prompt), signal);
  return verdict.allowed ? 'accept' : { refused: verdict.text };
}

function subjectOf({ host, port, protocol, argv, cwd }: Prompt): ReviewSubject {
  const target = targetUrl(protocol, host, port);
  return {
    targetItemId: null,
    action: { type: 'networkAccess', target, host, protocol, port },
    planned: { tool: 'network_access', target, host, protocol, port, command: argv, cwd },
  };
}
