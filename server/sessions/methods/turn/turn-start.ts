/** turn/start (docs/protocol/turns.md §1): begins a turn, or puts its input into the one that runs. */
import type { ConfigService } from '../../../config/settings/config-service.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { changedThreadState } from '../../state/thread-state.js';
import { promised, type Turns } from '../../turn/turns.js';
import { additionalContext, assertInputKinds, assertInputSize } from '../../turn/user-input.js';
import { liveThreadOf } from '../../live/live-thread-of.js';
import { notSteerable } from './turn-steer.js';
import { isFolder } from '../../../system/files/look.js';

export interface TurnStartOptions {
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly turns: Turns;
  readonly source: ConfigService;
}

export function turnStartHandler({ threads, turns, source }: TurnStartOptions): Handler<'turn/start'> {
  return (params, caller, context) => {
    const { input, toolOutput, rootTurnId, parentTurnId } = params;
    const thread = liveThreadOf(threads, params.threadId);
    assertInputSize(input);
    assertInputKinds(input);
    if (toolOutput && input.length > 0) throw invalidRequest('`toolOutput` cannot be combined with nonempty `input`');
    const again = turns.repeated(thread, params.clientUserMessageId);
    if (again !== null) return { turn: again };
    if (turns.kind(thread) === 'review') throw notSteerable('review');
    const { state, warnings } = changedThreadState(source, thread.state, params);
    if (params.cwd !== null) assertFolder(state.wire.cwd);
    for (const message of warnings) thread.events.notify('warning', { threadId: thread.id, message });
    // What sticks is told before the answer (docs/protocol/turns.md §1).
    thread.applySettings(state);
    const { turnId, begin } = turns.submit(thread, {
      input: {
        input,
        clientUserMessageId: params.clientUserMessageId,
        before: additionalContext(params.additionalContext),
        toolOutput: toolOutput ? { ...toolOutput, namespace: toolOutput.namespace ?? null } : null,
      },
      outputSchema: params.outputSchema,
      rootTurnId: parentTurnId === null ? null : rootTurnId,
      client: caller.client,
    });
    context.afterAnswer(begin);
    return { turn: promised(turnId, parentTurnId === null ? turnId : (rootTurnId ?? turnId)) };
  };
}

/** A turn's commands would all fail, one by one (docs/protocol/turns.md §1). Throws RpcError. */
function assertFolder(cwd: string): void {
  if (!isFolder(cwd)) throw invalidRequest(`cwd is not a folder that exists: ${cwd}`);
}
