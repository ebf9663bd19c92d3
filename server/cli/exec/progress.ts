/**
 * One line at the end of a terminal that says what is going on, and for how long. Gone before anything else is printed.
 */
import { terminalText } from '../output/terminal-text.js';

export interface Progress {
  /** What is waited for from now on; null: nothing. */
  step(what: string | null): void;
  /** Takes the line away, until the next tick. To be called before anything is printed there. */
  clear(): void;
  stop(): void;
}

export const NO_PROGRESS: Progress = { step() {}, clear() {}, stop() {} };

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TICK_MS = 120;
/** Columns of a terminal that does not say. */
const USUAL_WIDTH = 80;

/** `stream` is a terminal that understands how to erase a line. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  let what: string | null = null;
  let since = 0;
  let frame = 0;
  let drawn = false;
  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  const draw = (): void => {
    if (what === null) return;
    const seconds = Math.floor((performance.now() - since) / 1000);
    const text = `${FRAMES[frame++ % FRAMES.length]} ${seconds}s  ${what}`;
    // A line that goes on below cannot be erased; the last column makes some terminals go on.
    const room = (stream.columns || USUAL_WIDTH) - 1;
    stream.write(`\r\u001b[2K${[...text].slice(0, room).join('')}`);
    drawn = true;
  };
  const timer = setInterval(draw, TICK_MS);
  timer.unref();
  return {
    step(next) {
      clear();
      // What commands are called comes from the model.
      what = next === null ? null : terminalText(next, { isTTY: true }).replace(/\s+/g, ' ');
      since = performance.now();
    },
    clear,
    stop() {
      clearInterval(timer);
      what = null;
      clear();
    },
  };
}
