/**
 * The prompter for network requests of a thread's commands (docs/protocol/network.md §4, §5): the thread's subscribers,
 * or the automatic reviewer.
 *
 * Threat: a question reaches somebody who cannot know its context; an approval counts for another thread or outlives
 * its own; a command asks after its turn is over. Rule: nobody is asked under `never`, if `[codexd] network_prompts`
 * forbids questions, and for a turn that is not the running one. Earlier approvals for the session stay valid then. An
 * interrupt is a denial. Non-scope: the effect of an answer (network-approval/prompts/ask.ts); the single prompt for
 * all that wait for one target (approval-service.ts).
 */
import { randomUUID } from 'node:crypto';
import type { ExtendedCommandExecutionRequestApprovalParams } from '../../../schema/protocol/approvals/extensions.js';
import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import { promptsConfigured } from '../../exec/methods/connection-prompter.js';
import { PROTOCOL_WORDS, proposedAmendments, turnDecisions } from '../../network-approval/prompts/offers.js';
import type { Decision, Prompt, Prompter, Reply } from '../../network-approval/registration/prompter.js';
import { targetUrl } from '../../network-approval/decide/denial-messages.js';
import { answererOfAnswer } from '../../rpc/connection/open-questions.js';
import type { ToolContext } from '../tool-types/tool.js';
import { autoReview, isReviewed, type ReviewSubject } from './auto-review.js';

/** The MCP server that sends the request, and the tool for which it works. */
export interface AskingServer {
  readonly server: string;
  readonly tool: string;
}

/**
 * `itemId`: the commandExecution item, or the mcpToolCall item of `asking`. Null: the command has no proxy that could
 * ask. Approvals are valid while the thread is loaded: a fork, and a thread that is loaded again, start without any.
 */
export function threadPrompter(
  context: ToolContext,
  itemId: string,
  network: NetworkAccess,
  asking: AskingServer | null = null,
): Prompter | null {
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
          ? review(context, prompt, asking, either)
          : askSubscribers(context, { prompt, offered, itemId, asking }, either));
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
  readonly asking: AskingServer | null;
}

async function askSubscribers(
  { thread, turn, cancelTurn }: ToolContext,
  about: About,
  signal: AbortSignal,
): Promise<Reply> {
  thread.flag('waitingOnApproval', true);
  try {
    const params = paramsOf(about, thread.id, turn.id);
    const answer = await thread.events.ask('item/commandExecution/requestApproval', params, signal);
    const { decision } = answer;
    if (decision === 'cancel') cancelTurn();
    return { decision, by: answererOfAnswer(answer) };
  } finally {
    // The end of a turn clears its flags; the next turn has its own.
    if (thread.turn === turn) thread.flag('waitingOnApproval', false);
  }
}

function paramsOf(
  { prompt, offered, itemId, asking }: About,
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
    // Clients that do not know MCP servers as askers show the reason.
    reason: asking === null ? reason : `${reason} (MCP server ${asking.server}, tool ${asking.tool})`,
    networkApprovalContext: { host, protocol },
    proposedNetworkPolicyAmendments: proposedAmendments(host),
    availableDecisions: [...offered],
    // The command that asks: the reference omits it (docs/protocol/network.md §4).
    commandItemId: itemId,
    ...(asking === null ? {} : { mcpServer: asking.server, mcpTool: asking.tool }),
  };
}

async function review(
  context: ToolContext,
  prompt: Prompt,
  asking: AskingServer | null,
  signal: AbortSignal,
): Promise<Reply> {
  const verdict = await autoReview(context, subjectOf(prompt, asking), signal);
  if (verdict.allowed) return 'accept';
  verdict.settle();
  return { refused: verdict.text };
}

function subjectOf({ host, port, protocol, argv, cwd }: Prompt, asking: AskingServer | null): ReviewSubject {
  const target = targetUrl(protocol, host, port);
  // The arguments of a server are the person's, and may hold secrets.
  const sender = asking === null ? { command: argv, cwd } : { mcp_server: asking.server, mcp_tool: asking.tool };
  return {
    targetItemId: null,
    action: { type: 'networkAccess', target, host, protocol, port },
    planned: { tool: 'network_access', target, host, protocol, port, ...sender },
  };
}
