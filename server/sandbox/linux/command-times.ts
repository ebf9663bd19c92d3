/**
 * Remembers when commands could write where, to tell what they made from what was there or what a person made.
 *
 * Rule: a repository whose first moment (its `.git`'s birth time, which no program can set) lies within the run of a
 * command that could write there is that command's business: later commands may commit in it, move and remove it. This
 * holds for all daemons of this Codex home, and after a restart: the times are kept in the daemon's own folder, which
 * no command sees. What cannot be told, by a file system without birth times or after MAX_BYTES of newer commands,
 * counts as a person's, and so does what a command made in its last TICK_MS. A repository that a person makes while a
 * command runs counts as the command's.
 */
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomically } from '../../system/files/replace-file.js';
import { nativePath } from '../../system/files/path-bytes.js';
import { isWithin } from '../policy/resolve-path.js';

export interface CommandTimes {
  /**
   * A command that can write below these real paths is about to start. Call the result when it has ended; idempotent.
   */
  begin(roots: readonly string[]): () => void;
  /** Whether a command has made the file or folder, as far as is known. */
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
/**
 * The kernel stamps files with the time of its last tick, 4 ms at CONFIG_HZ=250: what a person makes right after a
 * command may look that much older. A command's own last moments, and the end of its sandbox, take longer.
 */
const TICK_MS = 5;

/** `folder`: exists, and only this user can write there. One a daemon. */
export function createCommandTimes(folder: string, warn: (message: string) => void): CommandTimes {
  const file = path.join(folder, FILE);
  let known: Span[] | undefined;
  let readTo = 0;
  let tellsBirth: boolean | undefined;
  const running = new Set<Span>();
  let ended: Span[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const lines = ended.map(({ root, from, to }) => `${JSON.stringify([from, to, root])}\n`);
    ended = [];
    if (!lines.length) return;
    try {
      // One write, which O_APPEND keeps together beside those of other daemons.
      fs.appendFileSync(file, lines.join(''), { mode: 0o600 });
    } catch (error) {
      warn(`what commands made will be read-only after a restart: ${file}: ${(error as Error).message}`);
    }
  };
  process.once('exit', flush);

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
      // Stamps are those of the clock's last tick, so up to 10 ms early: before a command has made anything, its
      // sandbox takes as long. What a person made just before is never stamped later than this.
      const from = Date.now();
      const spans = roots.map((root): Span => ({ root, from, to: Number.POSITIVE_INFINITY }));
      for (const span of spans) running.add(span);
      return () => {
        for (const span of spans) {
          if (!running.delete(span)) continue;
          span.to = Date.now() - TICK_MS;
          const last = ended.findLast(({ root }) => root === span.root);
          // Only what overlaps is one: between two commands a person may have made something.
          if (last && span.from <= last.to && span.from >= last.from) last.to = Math.max(last.to, span.to);
          else ended.push(span);
        }
        if (ended.length) timer ??= setTimeout(flush, FLUSH_AFTER_MS).unref();
      };
    },
    madeByCommand(place) {
      const stat = fs.lstatSync(nativePath(place), { throwIfNoEntry: false });
      if (!stat || stat.birthtimeMs <= 0 || !(tellsBirth ??= systemTellsBirth())) return false;
      const born = stat.birthtimeMs;
      const holds = ({ root, from, to }: Span): boolean => from <= born && born <= to && isWithin(place, root);
      return [...running].some(holds) || ended.some(holds) || read().some(holds);
    },
  };
}

/** Without statx(2) Node gives the time of the last change instead, which a command could choose. */
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
      return []; // The empty end, or half a line of a full disk.
    }
  });
}

function rewrite(file: string, spans: readonly Span[]): void {
  writeFileAtomically(file, spans.map(({ from, to, root }) => `${JSON.stringify([from, to, root])}\n`).join(''));
}
