/** Hooks that do not run, although somebody configured them and left them on (docs/protocol/services.md §6). */
import type { HookMetadata } from '../../../schema/protocol/services/hooks.js';
import type { HookSet } from '../../hooks/discover/discover-hooks.js';
import { mayRun } from '../../hooks/runnable-hook.js';

export interface SkippedSetting {
  readonly summary: string;
  /** The remedy. */
  readonly details: string;
}

/** Events that never occur here: codexd has no agents below a thread. */
const NEVER: ReadonlySet<HookMetadata['eventName']> = new Set(['subagentStart', 'subagentStop']);

export function skippedHooks({ hooks }: Pick<HookSet, 'hooks'>): readonly SkippedSetting[] {
  const on = hooks.filter(({ enabled }) => enabled);
  return [
    ...about(
      on.filter((hook) => !mayRun(hook, false)),
      'hooks do not run until a person has reviewed their present text',
      'Review them with `codexd hooks trust`, or with `hooks/list` and `config/batchWrite`; or remove them.',
    ),
    ...about(
      on.filter((hook) => mayRun(hook, false) && NEVER.has(hook.eventName)),
      'codexd starts no agents below a thread, so these hooks never run',
      'Remove them, or use other events.',
    ),
  ];
}

function about(hooks: readonly HookMetadata[], summary: string, details: string): readonly SkippedSetting[] {
  if (hooks.length === 0) return [];
  const files = [...new Set(hooks.map(({ sourcePath }) => sourcePath))].join(', ');
  const events = [...new Set(hooks.map(({ eventName }) => eventName))].join(', ');
  return [{ summary: `${summary}: ${events} of ${files}`, details }];
}
