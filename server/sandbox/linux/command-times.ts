/**
 * Records when commands could write where, to distinguish files that commands created from other files.
 *
 * Rule: a repository counts as created by a command when its birth time (of `.git`; no program can set it) lies within
 * the run of a command that could write there. Later commands may commit in it, move it and remove it. This holds for
 * all daemons of this Codex home and across restarts: the times are kept in the daemon's own folder, which no command
 * sees. A repository counts as a person's when its origin is unknown (no birth times, or more than MAX_BYTES of newer
 * commands). The same holds for what a command created in the last tick of the clock before its end. A repository that
 * a person creates while a command runs counts as the command's.
 */
import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { nativePath } from '../../system/files/path-bytes.js';
import { isWithin } from '../policy/resolve-path.js';
import { createStampClock } from './stamp-clock.js';

export interface CommandTimes {
  /**
   * Call it before a command starts that can write below these real paths. Call the result when it has ended;
   * idempotent.
   */
  begin(roots: readonly string[]): () => void;
  /** Whether a command has created the file or folder, as far as is known. */
  madeByCommand(place: string): boolean;
}

interface Span {
  readonly root: string;
  readonly from: number;
  to: number;
}

const FILE = 'command-times';
const MAX_BYTES = 512 * 1024;
const FLUSH_AFTER_MS = 500;
/** How much the system's time may be ahead of a file's stamp, where stamp-clock.ts cannot tell; in milliseconds. */
const TICK_MS = 20;

/** `folder`: exists, and only this user can write there. One for each daemon. */
export function createCommandTimes(folder: string, warn: (message: string) => void): CommandTimes {
  const file = path.join(folder, FILE);
  const clock = createStampClock(folder);
  let known: Span[] | undefined;
  let readTo = 0;
  let tellsBirth: boolean | undefined;
  const running = new Set<Span>();
  let ended: Span[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    process.off('exit', flush);
    const lines = ended.map(({ root, from, to }) => `${JSON.stringify([from, to, root])}\n`);
    ended = [];
    if (!lines.length) return;
    try {
      // One write: O_APPEND keeps it together beside the writes of other daemons.
      fs.appendFileSync(file, lines.join(''), { mode: 0o600 });
    } catch (error) {
      warn(`what commands made will be read-only after a restart: ${file}: ${messageOf(error)}`);
    }
  };
  const flushSoon = (): void => {
    if (timer !== undefined) return;
    timer = setTimeout(flush, FLUSH_AFTER_MS).unref();
    process.once('exit', flush);
  };

  const read = (): readonly Span[] => {
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (known && size === readTo) return known;
    known = size === 0 ? [] : parse(fs.readFileSync(file, 'utf8'));
    readTo = size;
    if (size > MAX_BYTES) rewrite(file, (known = known.slice(-Math.ceil(known.length / 2))));
    return known;
  };

  return {
    begin(roots) {
      // What a person created before is never stamped later. A sandbox takes longer than a tick to start its command.
      const from = clock.now() ?? Date.now();
      const spans = roots.map((root): Span => ({ root, from, to: Number.POSITIVE_INFINITY }));
      for (const span of spans) running.add(span);
      return () => {
        // What a person creates from now on is never stamped earlier.
        const to = clock.now() ?? Date.now() - TICK_MS;
        for (const span of spans) {
          if (!running.delete(span)) continue;
          span.to = to;
          const last = ended.findLast(({ root }) => root === span.root);
          // Only overlapping spans are merged: between two commands a person may have created something.
          if (last && span.from <= last.to && span.from >= last.from) last.to = Math.max(last.to, span.to);
          else ended.push(span);
        }
        if (ended.length) flushSoon();
      };
    },
    madeByCommand(place) {
      const stat = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
      if (!stat || stat.birthtimeMs <= 0 || !(tellsBirth ??= systemTellsBirth())) return false;
      const born = stat.birthtimeMs;
      const holds = ({ root, from, to }: Span): boolean => from < born && born < to && isWithin(place, root);
      return [...running].some(holds) || ended.some(holds) || read().some(holds);
    },
  };
}

/** Without statx(2), Node returns the time of the last change instead, which a command could choose. */
const systemTellsBirth = (): boolean =>
  ['/', '/etc', '/usr', process.execPath].some((place) => {
    const stat = fs.statSync(place, { throwIfNoEntry: false });
    return stat !== undefined && stat.birthtimeMs !== stat.ctimeMs;
  });

function parse(text: string): Span[] {
  return text.split('\n').flatMap((line): Span[] => {
    try {
      const [from, to, root] = JSON.parse(line) as unknown[];
      const whole = typeof from === 'number' && typeof to === 'number' && typeof root === 'string';
      return whole ? [{ from, to, root }] : [];
    } catch {
      return []; // The empty end, or a partial line after a full disk.
    }
  });
}

function rewrite(file: string, spans: readonly Span[]): void {
  writeFileAtomically(file, spans.map(({ from, to, root }) => `${JSON.stringify([from, to, root])}\n`).join(''));
}
