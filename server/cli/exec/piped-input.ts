/**
 * Standard input beside a prompt that was given as an argument.
 *
 * Rule: piped input is never lost, however late it arrives, and an input without a writer does not delay the turn. A
 * file is read. A pipe with a writer beside this process (`make | codexd exec …`) is read until its end. A pipe to
 * which only the program that started codexd could write is awaited only briefly, because such programs often never
 * close it. After the first byte, codexd waits for its end. Input that arrives after the turn has begun is `late`: the
 * turn receives it as a further message of the person.
 */
import fs from 'node:fs';
import { messageOf } from '../../errors/message-of.js';
import { writerBeside } from '../../system/programs/pipe-writers.js';
import { execError } from './exec-error.js';

export interface LateInput {
  /** Passes the whole text on when the input has ended, unless it is empty. */
  passTo(taker: (text: string) => Promise<unknown>): void;
  /** Input that arrived and was not passed on, as a line for the person; null: nothing. */
  readonly lost: string | null;
  /** Stops reading. */
  stop(): void;
}

export interface PipedInput {
  /** '' if there is none, or none yet. */
  readonly text: string;
  /** Null: the input has ended. */
  readonly late: LateInput | null;
}

/** How long to wait for an input to which only the program that started codexd could write, in milliseconds. */
export const PATIENCE_MS = 3000;

const NOTHING: PipedInput = { text: '', late: null };

/** Throws `cli.exec` if the input is not UTF-8. */
export async function readPipedInput(tell: (line: string) => void): Promise<PipedInput> {
  if (process.stdin.isTTY === true || isDevice()) return NOTHING;
  tell('Reading additional input from stdin...');
  const pieces: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    process.stdin.on('data', (piece: Buffer) => void pieces.push(piece));
    // A reset socket sends no more data, either.
    for (const event of ['end', 'error', 'close']) process.stdin.once(event, resolve);
  });
  const text = ended.then(() => decode(Buffer.concat(pieces)));
  text.catch(() => undefined); // the taker of the text handles errors
  let told = false;
  while (!(await within(ended, PATIENCE_MS))) {
    const writer = pieces.length > 0 ? 'begun' : writerBeside(process.stdin.fd);
    if (writer === null) {
      tell(WITHOUT);
      return { text: '', late: lateInput(text, pieces) };
    }
    if (!told) tell(waiting(writer));
    told = true;
  }
  return { text: await text, late: null };
}

const WITHOUT =
  'warning: nothing came on stdin, and only the program that started codexd could write to it: the turn begins ' +
  'without it. What still comes goes to the turn while it runs. ' +
  'Close stdin (</dev/null) to save the wait; a prompt of `-` waits.';

const waiting = (writer: 'begun' | 'unknown' | { readonly pid: number; readonly name: string }): string =>
  writer === 'begun'
    ? 'Still reading stdin: it has not ended yet.'
    : writer === 'unknown'
      ? 'Still waiting for stdin to end. Use </dev/null where there is no input.'
      : `Still waiting for stdin to end: process ${writer.pid} (${writer.name}) has it open.`;

function lateInput(text: Promise<string>, pieces: readonly Buffer[]): LateInput {
  let taken = false;
  let why = 'it came too late for the turn';
  return {
    passTo(taker) {
      text
        .then(async (whole) => {
          if (whole !== '') await taker(whole);
          taken = true;
        })
        .catch((error: unknown) => void (why = messageOf(error)));
    },
    get lost() {
      const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
      return taken || bytes === 0 ? null : `warning: ${bytes} bytes of stdin are not used: ${why}`;
    },
    stop: () => void process.stdin.destroy(),
  };
}

/** A device such as /dev/null gives no input, so no message about waiting is needed. */
function isDevice(): boolean {
  try {
    return fs.fstatSync(0).isCharacterDevice();
  } catch {
    return true; // a closed descriptor: reading it gives the end of input
  }
}

async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  const done = await Promise.race([work.then(() => true), limit]);
  clearTimeout(timer);
  return done;
}

export function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw execError('The prompt on stdin is no UTF-8 text.');
  }
}
