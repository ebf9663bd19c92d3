import { createInterface } from 'node:readline/promises';
import type { Client } from '../typescript/index.js';

/** The person in front of the demo: at this terminal, in the console, at both, or at neither. */
export interface Person {
  /** Whether somebody can see a question at the terminal. */
  readonly atTerminal: boolean;
  /** Whether a page of the console is connected to this daemon. */
  inConsole(client: Client): Promise<boolean>;
  /** Waits until a page of the console is connected, the person presses Enter, or the time is over. */
  untilConsole(client: Client, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Waits until the person presses Enter. Returns at once without a terminal. */
  untilEnter(question: string, signal: AbortSignal): Promise<void>;
  /** The person's yes or no to a question that this terminal shows. Null: `signal` was aborted first. */
  answer(signal: AbortSignal): Promise<'yes' | 'no' | null>;
}

export function createPerson(): Person {
  const atTerminal = process.stdin.isTTY && process.stdout.isTTY;

  const inConsole = async (client: Client): Promise<boolean> => {
    const { data } = await client.request('operator/connections/list', {});
    return data.some(({ operator, clientName }) => operator && clientName === CONSOLE_NAME);
  };

  /** One line of the terminal. Null: `signal` was aborted first, or there is no terminal (any more). */
  const line = async (question: string, signal: AbortSignal): Promise<string | null> => {
    if (!atTerminal || signal.aborted) return null;
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    // In this mode Ctrl-C is a character of the line, not a signal.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const closed = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
    try {
      return await Promise.race([terminal.question(question, { signal }), closed]);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      terminal.close();
    }
  };

  return {
    atTerminal,
    inConsole,
    async untilConsole(client, ms, signal) {
      const stop = new AbortController();
      const over = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(ms)]);
      const skipped = line('  (Enter: go on without it) ', over).then(() => stop.abort());
      try {
        while (!over.aborted) {
          if (await inConsole(client)) return true;
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
        return false;
      } finally {
        stop.abort();
        await skipped;
      }
    },
    untilEnter: async (question, signal) => void (await line(question, signal)),
    async answer(signal) {
      for (;;) {
        const typed = await line('  y or n, then Enter: ', signal);
        if (typed === null) return null;
        if (/^\s*y(es)?\s*$/i.test(typed)) return 'yes';
        if (/^\s*no?\s*$/i.test(typed)) return 'no';
      }
    },
  };
}

/** The name that the console gives in `initialize`. */
const CONSOLE_NAME = 'codexd-console';
/** In ms. */
const POLL_MS = 200;
