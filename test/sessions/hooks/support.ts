/** A thread with hooks that run as real processes. */
import type { Test } from 'tap';
import type { HookEventName, HookRunSummary } from '../../../schema/protocol/services/hooks.js';
import type { CommandHook } from '../../../server/hooks/runnable-hook.js';
import { commandHook } from '../../fixtures/hooks.js';
import { testSupervisor } from '../../exec/support/fakes.js';
import { hooksDaemon } from '../live/support.js';
import { work, type Answer, type Work } from '../turn/in-process.js';

/** A hook of the user. Its `displayOrder` is its place in the list. */
export const hook = (eventName: HookEventName, command: string, more: Partial<CommandHook> = {}): CommandHook =>
  commandHook(command, { key: `/home/hooks.json:${eventName}:0:0`, eventName, ...more });

/** A command that prints this JSON. */
export const prints = (output: object): string => `cat >/dev/null; echo '${JSON.stringify(output)}'`;

export interface HookedWork extends Work {
  /** The runs that clients received as completed, in their order. */
  runs(): HookRunSummary[];
}

export async function hookedWork(
  t: Test,
  hooks: readonly CommandHook[],
  answers: readonly Answer[] = [],
): Promise<HookedWork> {
  const { supervisor } = testSupervisor();
  t.teardown(() => supervisor.close());
  const numbered = hooks.map((one, displayOrder) => ({ ...one, displayOrder }));
  const done = await work(
    t,
    answers,
    {},
    {
      hooks: { daemon: hooksDaemon(() => Promise.resolve(supervisor)), runnable: numbered },
    },
  );
  return {
    ...done,
    runs: () => done.told('hook/completed').map((params) => (params as { readonly run: HookRunSummary }).run),
  };
}
