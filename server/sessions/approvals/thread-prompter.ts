/**
 * Asks the subscribers of a thread about the network requests of its commands (spec/network.md §4). Additive to the
 * reference's request: `codexd.commandItemId` and its like say which command it is about (docs/protocol-extensions.md).
 */
import { randomUUID } from 'node:crypto';
import type { CommandExecutionRequestApprovalParams } from '../../../schema/approval.js';
import { PROTOCOL_WORDS, proposedAmendments, turnDecisions } from '../../network-approval/approvals/offers.js';
import type { Prompt, Prompter } from '../../network-approval/approvals/prompter.js';
import { createSessionMemory, type SessionMemory } from '../../network-approval/approvals/session-memory.js';
import type { LiveThread } from '../live/live-thread.js';
import type { ToolContext } from '../tools/tool.js';
import { newId } from '../thread-id.js';

/** Approvals live as long as the thread is loaded: a fork and a resumed thread start without any. */
const memories = new WeakMap<LiveThread, SessionMemory>();

/** Null: nobody is asked about this turn's commands, and what was approved before still holds. */
export function threadPrompter({ thread, turn, state, cancelTurn }: ToolContext, itemId: string): Prompter {
  const memory = memories.get(thread) ?? createSessionMemory();
  memories.set(thread, memory);
  const nobody = state.wire.approvalPolicy === 'never';
  return {
    memory,
    offers: turnDecisions,
    async ask(prompt, offered, signal) {
      // A turn that is over asks nobody any more (spec/network.md §4).
      if (nobody || thread.turn !== turn || turn.ending) return { refused: refusedByPolicy(prompt) };
      thread.flag('waitingOnApproval', true);
      try {
        const either = AbortSignal.any([signal, turn.signal]);
        const { decision } = await thread.events.ask(
          'item/commandExecution/requestApproval',
          paramsOf(prompt, { thread, turn, itemId, offered }),
          either,
        );
        if (decision === 'cancel') cancelTurn();
        return decision;
      } finally {
        thread.flag('waitingOnApproval', false);
      }
    },
    amended({ host }, action) {
      const list = action === 'allow' ? 'allowlist' : 'denylist';
      const verb = action === 'allow' ? 'Allowed' : 'Denied';
      const text = `${verb} network rule saved in execpolicy (${list}): ${host}`;
      thread.record([
        {
          type: 'response_item',
          payload: {
            type: 'message',
            id: `msg_${newId()}`,
            role: 'developer',
            content: [{ type: 'input_text', text }],
          },
        },
      ]);
    },
    warn: (_prompt, message) => thread.events.notify('warning', { threadId: thread.id, message }),
  };
}

interface About {
  readonly thread: LiveThread;
  readonly turn: ToolContext['turn'];
  readonly itemId: string;
  readonly offered: ReturnType<Prompter['offers']>;
}

function paramsOf(prompt: Prompt, { thread, turn, itemId, offered }: About): CommandExecutionRequestApprovalParams {
  const { host, port, protocol, reason, startedAtMs } = prompt;
  return {
    kind: 'command',
    threadId: thread.id,
    turnId: turn.id,
    itemId: `network#local#${PROTOCOL_WORDS[protocol]}#${host}#${port}#${randomUUID()}`,
    startedAtMs,
    environmentId: 'local',
    reason,
    networkApprovalContext: { host, protocol },
    proposedNetworkPolicyAmendments: proposedAmendments(host),
    availableDecisions: [...offered],
    // Which command asks: the reference does not say (spec/network.md §4, BEAT).
    commandItemId: itemId,
  } as CommandExecutionRequestApprovalParams;
}

/** What a command is told when nobody may be asked (spec/network.md §4, messages). */
function refusedByPolicy({ protocol, host, port }: Prompt): string {
  const scheme = protocol === 'http' ? 'http' : protocol === 'https' ? 'https' : 'socks5';
  return `Network access to "${scheme}://${host}:${port}" was blocked by policy.`;
}
