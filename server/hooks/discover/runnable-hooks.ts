/** The hooks of a folder or a thread that run at an event. */
import type { HookEventName } from '../../../schema/protocol/services/hooks.js';
import type { ResolvedConfig } from '../../config/settings/resolved-config.js';
import { runnableHook, type RunnableHook } from '../runnable-hook.js';
import { discoverHooks } from './discover-hooks.js';

/**
 * Those that are enabled, and managed or trusted as they are written now; in the order of `hooks/list`. Reads the files
 * at each call.
 */
export function runnableHooks(config: ResolvedConfig, event: HookEventName): readonly RunnableHook[] {
  return discoverHooks(config).hooks.flatMap((hook) => {
    const runnable = hook.eventName === event ? runnableHook(hook) : null;
    return runnable === null ? [] : [runnable];
  });
}
