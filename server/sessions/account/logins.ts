/** The logins of this daemon that wait for a person: one at a time. */
import { randomUUID } from 'node:crypto';
import { CodexdError } from '../../errors/codexd-error.js';
import type { LoginOptions } from './browser-login.js';
import type { PendingLogin } from './new-login.js';

export interface Logins {
  /**
   * Begins one; the one before it ends. `onEnd` is called once, with null after a success. Throws what `start` throws.
   */
  begin<L extends PendingLogin>(
    start: (gone: LoginOptions['gone']) => Promise<L>,
    onEnd: (id: string, error: unknown) => void,
  ): Promise<{ readonly id: string; readonly login: L }>;
  isWaiting(): boolean;
  /** False: no login of this id waits. */
  cancel(id: string): boolean;
  /** Ends all. Resolves when their ports are free. Never rejects. */
  close(): Promise<void>;
}

interface Waiting {
  readonly id: string;
  readonly gone: AbortController;
  readonly over: Promise<void>;
}

export function createLogins(): Logins {
  let waiting: Waiting | null = null;
  /** Two requests at the same time begin one after the other. */
  let turn: Promise<void> = Promise.resolve();

  const end = (why: string): Promise<void> => {
    waiting?.gone.abort(new CodexdError('account.login', why));
    return waiting?.over ?? Promise.resolve();
  };

  return {
    begin(start, onEnd) {
      const begun = turn.then(async () => {
        await end('Login cancelled');
        const [id, gone] = [randomUUID(), new AbortController()];
        const login = await start(gone.signal);
        const over = login.done
          .then(
            () => null,
            (error: unknown) => error,
          )
          .then((error) => {
            if (waiting?.id === id) waiting = null;
            onEnd(id, error);
          });
        waiting = { id, gone, over };
        return { id, login };
      });
      turn = begun.then(
        () => undefined,
        () => undefined,
      );
      return begun;
    },
    isWaiting: () => waiting !== null,
    cancel(id) {
      if (waiting?.id !== id) return false;
      const { gone } = waiting;
      waiting = null;
      gone.abort(new CodexdError('account.login', 'Login was not completed'));
      return true;
    },
    close: () => end('the program ends'),
  };
}
