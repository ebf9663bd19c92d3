/**
 * Prompts the connection that started a command about the command's network requests (docs/protocol-extensions.md,
 * `network/requestApproval`): command/exec has no thread.
 */
import type { NetworkPrompts, CommandSettings } from '../../config/settings/command-settings.js';
import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import { connectionDecisions } from '../../network-approval/prompts/offers.js';
import type { Decision, Prompter } from '../../network-approval/registration/prompter.js';
import { answererOf, type Answerer, type OpenQuestions } from '../../rpc/connection/open-questions.js';
import { createSessionMemory, type SessionMemory } from '../../network-approval/registration/session-memory.js';
import type { Caller } from '../../rpc/connection/caller.js';
import { isObject } from '../../system/node/objects.js';

/** A client that wants prompts sends this name in `capabilities.extensions` of `initialize`. */
export const NETWORK_APPROVAL_CAPABILITY = 'codexd/networkApproval';

/** The approvals of each connection. They end with the connection and are not shared. */
const memories = new WeakMap<Caller, SessionMemory>();

/**
 * Returns null when this client never receives prompts. `asks` false: no prompts for this command, but the connection's
 * earlier approvals still apply. `questions`: those of the whole daemon, where an operator may answer.
 */
export function connectionPrompter(caller: Caller, asks: boolean, questions?: OpenQuestions): Prompter | null {
  if (!declares(caller)) return null;
  const memory = memories.get(caller) ?? createSessionMemory();
  memories.set(caller, memory);
  return {
    memory,
    offers: connectionDecisions,
    async ask(prompt, _offered, signal) {
      const { registrationId, owner, argv, cwd, startedAtMs, reason, host, port, protocol } = prompt;
      if (!asks || owner.kind !== 'connection') return null;
      let id: number | null = null;
      const params = {
        registrationId,
        // Digits for integers beyond the range of exact JSON numbers.
        requestId: typeof owner.requestId === 'bigint' ? `${owner.requestId}` : owner.requestId,
        processId: owner.processId,
        command: [...argv],
        cwd,
        startedAtMs,
        reason,
        host,
        port,
        protocol,
        availableDecisions: connectionDecisions(prompt),
      };
      const settled = new AbortController();
      const { promise: byOperator, resolve } = promiseOf<{ decision: Decision; by: Answerer }>();
      const settle = questions?.open(
        { owner: { kind: 'connection', ...ownerOf(params, caller) }, method: 'network/requestApproval', params },
        (result, by) => resolve({ decision: (result as { decision: Decision }).decision, by }),
      );
      let by: Answerer | null = null;
      try {
        const sent = (requestId: number): void => void (id = requestId);
        const either = AbortSignal.any([signal, settled.signal]);
        const byClient = caller
          .request('network/requestApproval', params, { signal: either, sent })
          .then(({ decision }) => ({ decision, by: answererOf(caller) }));
        const reply = await Promise.race([byClient, byOperator]);
        by = reply.by;
        return reply;
      } finally {
        settled.abort();
        settle?.(by);
        // Sent for every outcome, so that a client that shows the prompt can remove it.
        if (id !== null) caller.notify('network/requestApproval/resolved', { requestId: id });
      }
    },
    warn: (_prompt, message) => caller.notify('warning', { threadId: null, message }),
  };
}

/** Whether the settings allow prompts for a command with this network access. */
export const promptsAllowed = (settings: CommandSettings, network: NetworkAccess): boolean =>
  !settings.neverAsks && promptsConfigured(settings, network);

/**
 * The value of `[codexd] network_prompts`. A turn has its own approval policy (sessions/approvals/thread-prompter.ts).
 */
export const promptsConfigured = ({ codexd }: CommandSettings, network: NetworkAccess): boolean =>
  network.kind === 'proxied' && ALLOWED[codexd.networkPrompts](network.policy.managed);

const ALLOWED: Readonly<Record<NetworkPrompts, (managed: boolean) => boolean>> = {
  always: () => true,
  managed: (managed) => managed,
  never: () => false,
};

const ownerOf = (
  { requestId, processId }: { readonly requestId: string | number; readonly processId: string | null },
  { connectionId }: Caller,
) => ({ connectionId, requestId, processId });

function promiseOf<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve = (_value: T): void => {};
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

function declares({ capabilities }: Caller): boolean {
  const { extensions } = capabilities;
  if (!isObject(extensions)) return false;
  const declared = extensions[NETWORK_APPROVAL_CAPABILITY];
  return typeof declared === 'object' && declared !== null;
}
