/**
 * turn/* (docs/protocol/turns.md §1, §7), review/start (§10) and thread/compact/start (docs/protocol/threads.md §10).
 */
import type { ConfigService } from '../../../config/settings/config-service.js';
import { invalidRequest, type RpcError } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { changedThreadState } from '../../state/build-thread-state.js';
import { promised } from '../../turn/promised-turn.js';
import type { Turns } from '../../turn/turns.js';
import { additionalContext, assertInputKinds, assertInputSize } from '../../turn/user-input.js';
import { liveThreadOf } from '../../live/live-thread-of.js';
import { featureOn } from '../../../config/shape/features.js';
import { reviewRequest } from '../../turn/review.js';
import { defineMethods } from '../../../rpc/connection/define-methods.js';

export interface TurnDeps {
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly turns: Pick<
    Turns,
    'repeated' | 'kind' | 'submit' | 'steer' | 'interruptPromised' | 'adjust' | 'review' | 'compact'
  >;
  readonly source: ConfigService;
}

export const turnMethods = defineMethods(({ threads, turns, source }: TurnDeps) => ({
  /** Begins a turn, or adds its input to the running one. */
  'turn/start': (params, caller, context) => {
    const { input, toolOutput, rootTurnId, parentTurnId } = params;
    const thread = liveThreadOf(threads, params.threadId);
    assertInputSize(input);
    assertInputKinds(input);
    if (toolOutput && input.length > 0) throw invalidRequest('`toolOutput` cannot be combined with nonempty `input`');
    const again = turns.repeated(thread, params.clientUserMessageId);
    if (again !== null) return { turn: again };
    if (turns.kind(thread) === 'review') throw notSteerable('review');
    const { state, warnings } = changedThreadState(source, thread.state, params);
    for (const message of warnings) thread.events.notify('warning', { threadId: thread.id, message });
    // Permanent changes are reported before the answer (docs/protocol/turns.md §1).
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
    context.afterAnswer(() => {
      thread.events.turnAnswered(caller);
      begin();
    });
    return { turn: promised(turnId, parentTurnId === null ? turnId : (rootTurnId ?? turnId)) };
  },
  /** Adds a message to the running turn. */
  'turn/steer': ({ threadId, expectedTurnId, input, clientUserMessageId, additionalContext: extra }) => {
    const thread = liveThreadOf(threads, threadId);
    if (expectedTurnId === '') throw invalidRequest('expectedTurnId must not be empty');
    assertInputSize(input);
    assertInputKinds(input);
    const { turn } = thread;
    if (turn === null || turn.ending) throw invalidRequest('no active turn to steer');
    if (turn.id !== expectedTurnId)
      throw invalidRequest(`expected active turn id \`${expectedTurnId}\` but found \`${turn.id}\``);
    const kind = turns.kind(thread);
    if (kind !== null) throw notSteerable(kind);
    if (input.length === 0) throw invalidRequest('input must not be empty');
    const said = { input, clientUserMessageId, before: additionalContext(extra), toolOutput: null };
    if (!turns.steer(thread, said)) throw invalidRequest('no active turn to steer');
    return { turnId: turn.id };
  },
  /**
   * The answer says that the turn is over: its items come before it, the status and `turn/completed` right behind it
   * (docs/protocol/turns.md §7). A client that stops listening with the answer has missed nothing.
   */
  'turn/interrupt': ({ threadId, turnId }, caller, context) => {
    const thread = liveThreadOf(threads, threadId);
    const { turn } = thread;
    // The turn waits for the end of another one: its own end comes as soon as it begins.
    if (turnId !== '' && turn?.id !== turnId && turns.interruptPromised(thread, turnId)) return {};
    // Without an id the request is about any running turn, and there may be none.
    if (turnId !== '') {
      if (!turn) throw invalidRequest('no active turn to interrupt');
      if (turn.id !== turnId) throw invalidRequest(`expected active turn id ${turnId} but found ${turn.id}`);
    }
    if (!turn) return {};
    return new Promise((answer) => {
      void thread.interrupt((tellEnd) => {
        // A client that has gone gets no answer; the end must not wait for it.
        if (caller.closed.aborted) tellEnd();
        else caller.closed.addEventListener('abort', tellEnd, { once: true });
        context.afterAnswer(() => {
          caller.closed.removeEventListener('abort', tellEnd);
          tellEnd();
        });
        answer({});
      });
    });
  },
  /**
   * Changes the settings of the running turn from its next request on; the thread's own settings stay. It needs
   * `[features] step_model_switching`, as in the reference. `targetUnavailable`: the turn is not running, or it accepts
   * no settings (a review, a compaction).
   */
  'turn/settings/update': ({ threadId, turnId, ...wishes }) => {
    const thread = liveThreadOf(threads, threadId);
    if (!featureOn(thread.state.table, 'step_model_switching'))
      throw invalidRequest('turn settings updates require the step_model_switching feature');
    const applied = turns.adjust(thread, turnId, (state) => changedThreadState(source, state, wishes).state);
    return { status: applied ? 'applied' : 'targetUnavailable' };
  },
  'review/start': ({ threadId, target }, caller, context) => {
    const thread = liveThreadOf(threads, threadId);
    const request = reviewRequest(target);
    const started = turns.review(thread, request, caller.client);
    if (started === null) throw invalidRequest(`a turn is running in thread ${thread.id}; a review needs its own`);
    context.afterAnswer(started.begin);
    const content = [{ type: 'text' as const, text: request.label, text_elements: [] }];
    const item = { type: 'userMessage' as const, id: started.turnId, clientId: null, content };
    const turn = { ...promised(started.turnId, started.turnId), rootTurnId: null };
    return {
      turn: { ...turn, items: [{ ...item, startedAtMs: null, completedAtMs: null }] },
      reviewThreadId: thread.id,
    };
  },
  /** Summarises the history in a turn of its own, after the running one. */
  'thread/compact/start': ({ threadId }, caller, context) => {
    const thread = liveThreadOf(threads, threadId);
    context.afterAnswer(() => void turns.compact(thread, caller.client));
    return {};
  },
}));

/** A review or a compaction accepts no messages (docs/protocol/turns.md §7). */
function notSteerable(turnKind: 'review' | 'compact'): RpcError {
  const message = `cannot steer a ${turnKind} turn`;
  return invalidRequest(message, {
    message,
    codexErrorInfo: { activeTurnNotSteerable: { turnKind } },
    additionalDetails: null,
    misalignment: null,
  });
}
