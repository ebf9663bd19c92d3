/**
 * Clients that listen to a turn only some time after the answer to their `turn/start`, and lose what comes sooner: a
 * turn that ends at once never ends for them (docs/protocol/clients.md §1.6, "Clients that listen late").
 *
 * Rule: such a client receives the notifications that it would lose when the answer is old enough. What the same thread
 * tells it meanwhile comes behind, in its order. Answers, other threads and other clients do not wait.
 */
import type { ClientIdentity } from '../../../rpc/connection/caller.js';

/**
 * The age of the answer, in milliseconds. Measured with a Python client of two threads on two cores: 0.4 ms at most
 * when nothing else runs, 46 ms with a busy thread of its own beside eight busy programs, 205 ms with four busy threads
 * of its own. Only a test's model ends a turn sooner, so that in practice nobody waits.
 */
export const ANSWER_AGE_MS = 250;

/** Loses the end of a turn alone, and keeps the rest; loses everything; loses nothing. */
type Loss = 'end' | 'everything' | 'nothing';

function lossOf({ name, title }: ClientIdentity): Loss {
  // The name and the title are two options of the Python SDK; who changes one leaves the other as it is.
  if (name === 'codex_python_sdk' || title === 'Codex Python SDK') return 'end';
  return name === 'ai-sdk-provider-codex-app-server' ? 'everything' : 'nothing';
}

export interface LateListener {
  /** A `turn/start` of the client was answered. */
  answered(): void;
  /** A turn of the thread has ended, and the client is notified next. */
  ending(): void;
  /** Stops waiting. */
  release(): void;
}

/** For one subscriber of one thread. `hold` is `HeldMessages.hold`. */
export function createLateListener(client: ClientIdentity, hold: () => () => void): LateListener {
  const loss = lossOf(client);
  let answeredAt: number | null = null;
  let wait: { readonly timer: NodeJS.Timeout; readonly end: () => void } | null = null;
  const release = (): void => {
    if (wait === null) return;
    const { timer, end } = wait;
    clearTimeout(timer);
    wait = null;
    end();
  };
  const holdUntilOld = (): void => {
    if (answeredAt === null || wait !== null) return;
    const left = answeredAt + ANSWER_AGE_MS - performance.now();
    answeredAt = null;
    if (left > 0) wait = { end: hold(), timer: setTimeout(release, left) };
  };
  return {
    answered() {
      if (loss === 'nothing') return;
      answeredAt = performance.now();
      if (loss === 'everything') holdUntilOld();
    },
    ending: holdUntilOld,
    release,
  };
}
