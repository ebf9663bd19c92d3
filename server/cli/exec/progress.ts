/**
 * A status line at the bottom of a terminal: the current activity and its duration. It is removed before any other
 * output.
 */
import { terminalText } from '../output/terminal-text.js';

export interface Progress {
  /** Sets the activity. Null: none. */
  step(what: string | null): void;
  /** Removes the line until the next tick. Call it before other output to this terminal. */
  clear(): void;
  stop(): void;
}

export const NO_PROGRESS: Progress = { step() {}, clear() {}, stop() {} };

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TICK_MS = 120;
/** Columns of a terminal that does not report its width. */
const USUAL_WIDTH = 80;

/** `stream` must be a terminal that supports erasing a line. */
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
    // A wrapped line cannot be erased. Some terminals wrap after the last column, so it stays empty.
    const room = (stream.columns || USUAL_WIDTH) - 1;
    stream.write(`\r\u001b[2K${[...text].slice(0, room).join('')}`);
    drawn = true;
  };
  const timer = setInterval(draw, TICK_MS);
  timer.unref();
  return {
    step(next) {
      clear();
      // The model chooses the text of commands, so make it safe to show.
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
