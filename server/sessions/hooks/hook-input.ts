/** What a hook reads on its standard input (docs/protocol/services.md §6 "Input"). */
import type { HookEventName } from '../../../schema/protocol/services/hooks.js';
import type { RuntimeSource } from '../live/live-thread.js';

type Source = Pick<RuntimeSource, 'id' | 'writer' | 'state'>;

/** Events of a thread, without a turn. */
const OF_THREAD: ReadonlySet<HookEventName> = new Set(['sessionStart', 'sessionEnd']);
/** Events about requests to models have members of their own. */
const OF_MODEL: ReadonlySet<HookEventName> = new Set(['preModelRequest', 'postModelRequest']);
/** Events whose hooks do not learn who is asked. */
const WITHOUT_MODE: ReadonlySet<HookEventName> = new Set(['preCompact', 'postCompact', 'sessionEnd']);

/** `own`: the members of this event only. */
export function hookInput(
  { id, writer, state }: Source,
  event: HookEventName,
  own: Readonly<Record<string, unknown>>,
  turnId: string | null,
): Readonly<Record<string, unknown>> {
  const { cwd, model, approvalPolicy } = state.wire;
  return {
    session_id: id,
    ...(OF_MODEL.has(event) ? { thread_id: id } : {}),
    ...(turnId === null || OF_THREAD.has(event) ? {} : { turn_id: turnId }),
    transcript_path: writer?.path ?? null,
    cwd,
    hook_event_name: event.charAt(0).toUpperCase() + event.slice(1),
    ...(event === 'sessionEnd' ? {} : { model }),
    ...(WITHOUT_MODE.has(event) || OF_MODEL.has(event)
      ? {}
      : { permission_mode: approvalPolicy === 'never' ? 'bypassPermissions' : 'default' }),
    ...own,
  };
}
