/**
 * thread/realtime/* except the list (docs/protocol/threads.md §15): spoken conversations over the vendor's service,
 * which codexd does not have. The refusal is the official program's without the account that it needs: it answers the
 * request, then tells the thread's clients that nothing was begun.
 */
import type { NotificationParams, RequestResult } from '../../../../schema/registry.js';
import { defineMethods } from '../../../rpc/connection/define-methods.js';
import type { RequestContext } from '../../../rpc/connection/caller.js';
import { liveThreadOf } from '../../live/live-thread-of.js';
import type { LiveThread } from '../../live/live-thread.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { readLogin } from '../../model/provider/read-login.js';
import { newId } from '../../store/records/thread-id.js';

export interface RealtimeDeps {
  readonly codexHome: string;
  readonly threads: Pick<LiveThreads, 'get'>;
}

export const realtimeMethods = defineMethods(({ codexHome, threads }: RealtimeDeps) => {
  /** Nothing is running that could take what was sent. */
  const notRunning = ({ threadId }: { readonly threadId: string }, _caller: unknown, context: RequestContext) => {
    const thread = liveThreadOf(threads, threadId);
    context.afterAnswer(() => thread.events.notify('error', nothingRuns(thread)));
    return {};
  };
  return {
    'thread/realtime/start': ({ threadId }, _caller, context) => {
      const thread = liveThreadOf(threads, threadId);
      const message =
        readLogin(codexHome).kind === 'apiKey' ? NO_SERVICE : 'realtime conversation requires API key auth';
      context.afterAnswer(() => thread.events.notify('thread/realtime/error', { threadId: thread.id, message }));
      return {};
    },
    'thread/realtime/appendAudio': notRunning,
    'thread/realtime/appendText': notRunning,
    'thread/realtime/appendSpeech': notRunning,
    'thread/realtime/stop': ({ threadId }, _caller, context) => {
      const thread = liveThreadOf(threads, threadId);
      context.afterAnswer(() =>
        thread.events.notify('thread/realtime/closed', { threadId: thread.id, reason: 'requested' }),
      );
      return {};
    },
    'thread/realtime/listVoices': () => ({ voices: VOICES }),
  };
});

const NO_SERVICE = 'codexd has no realtime conversations: it speaks with models in text only';

function nothingRuns({ id }: LiveThread): NotificationParams<'error'> {
  return {
    error: {
      message: 'conversation is not running',
      codexErrorInfo: 'badRequest',
      additionalDetails: null,
      misalignment: null,
    },
    willRetry: false,
    threadId: id,
    turnId: newId(),
  };
}

/** The voices that the protocol names, by version of the vendor's service (docs/protocol/threads.md §15). */
const FIRST = ['juniper', 'maple', 'spruce', 'ember', 'vale', 'breeze', 'arbor', 'sol', 'cove'] as const;
const SECOND = ['alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', 'cedar'] as const;
const THIRD = [
  'marin',
  'aube',
  'bubbie',
  'haetsal',
  'hanul',
  'himari',
  'leher',
  'miko',
  'neer',
  'porto',
  'rindo',
] as const;
const THIRD_MORE = ['rio', 'rivage', 'selva', 'sonna', 'tinta', 'viola'] as const;

const VOICES: RequestResult<'thread/realtime/listVoices'>['voices'] = {
  v1: [...FIRST],
  v2: [...SECOND],
  v3: [...FIRST, ...THIRD, ...THIRD_MORE],
  defaultV1: 'cove',
  defaultV2: 'marin',
};
