/**
 * Finds the places of an update's parts in a file, and makes the new file (docs/protocol/turns.md §5 "Semantics").
 *
 * Rule: a patch changes what it names and nothing else. Unchanged lines keep the file's blanks and line breaks,
 * whatever the patch contains.
 */
import { fault } from '../../../errors/fault.js';
import { type Chunk, type ChunkLine, patchError } from './parse-patch.js';
import { joined, splitLines, type FileLine } from './file-lines.js';

/**
 * The new content. Throws `tool.patch`, which names `path`, if a part does not fit. New lines get the line break that
 * most lines have. If the last line of the file changes, it ends with a newline afterwards.
 */
export function applyChunks(content: string, chunks: readonly Chunk[], path: string): string {
  const mark = content.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const lines = splitLines(content.slice(mark.length), path);
  const seek = createSeeker(
    lines.map(({ text }) => text),
    path,
  );
  const edits: Placed[] = [];
  const taken = new UsedLines(lines.length);
  let from = 0;
  for (const chunk of chunks) {
    const start = anchored(seek, chunk, from, path);
    const fit = place(seek, chunk, start, taken);
    if (fit === null) throw partNotFound(chunk, path);
    edits.push(fit);
    taken.take(fit);
    from = fit.at + fit.remove;
  }
  return mark + joined(rebuilt(lines, edits));
}

const BYTE_ORDER_MARK = '\ufeff';

interface Placed {
  readonly at: number;
  readonly remove: number;
  readonly lines: readonly ChunkLine[];
}

/** After the line that `@@` names. Parts are usually in the order of the file, but models do not always follow it. */
function anchored(seek: Seek, { after }: Chunk, from: number, path: string): number {
  if (after === null) return from;
  const found = seek([after], from, false) ?? seek([after], 0, false);
  if (found === null) throw patchError(`Failed to find context '${after}' in ${path}`);
  return found + 1;
}

/** Null: there is no place for it. */
function place(seek: Seek, chunk: Chunk, from: number, taken: UsedLines): Placed | null {
  const { lines, after, atEnd } = chunk;
  const old = oldLines(lines);
  // A part that only adds goes below its anchor; without an anchor it goes to the end.
  if (old.length === 0) {
    const at = after === null || atEnd ? taken.length : from;
    return taken.isFree(at, 0) ? { at, remove: 0, lines } : null;
  }
  const find = (wanted: readonly string[]): number | null => {
    const ahead = seek(wanted, from, atEnd);
    if (ahead !== null && taken.isFree(ahead, wanted.length)) return ahead;
    // An anchor is binding: lines above it do not match.
    const anywhere = after === null && from > 0 ? seek(wanted, 0, atEnd) : null;
    return anywhere !== null && taken.isFree(anywhere, wanted.length) ? anywhere : null;
  };
  const at = find(old);
  if (at !== null) return { at, remove: old.length, lines };
  // An empty line at the end of a part often comes only from the end of the patch's text.
  const shorter = withoutLastBlank(lines);
  if (shorter === null) return null;
  const found = find(oldLines(shorter));
  return found === null ? null : { at: found, remove: old.length - 1, lines: shorter };
}

function partNotFound({ lines, after }: Chunk, path: string): Error {
  const old = oldLines(lines);
  if (old.length === 0 && after !== null)
    return patchError(`Failed to add lines below '${after}' in ${path}: another hunk has the lines around it`);
  return patchError(`Failed to find expected lines in ${path}:\n${old.join('\n')}`);
}

/** The lines of the file that belong to a part already: no two parts change or keep the same line. */
class UsedLines {
  /** By line: the number of its part; 0: none. */
  readonly #parts: Uint32Array;
  #count = 0;
  readonly length: number;

  constructor(length: number) {
    this.length = length;
    this.#parts = new Uint32Array(length);
  }

  take({ at, remove }: Placed): void {
    this.#parts.fill(++this.#count, at, at + remove);
  }

  /** Lines are added between two lines, but not if both belong to one part. */
  isFree(at: number, remove: number): boolean {
    const parts = this.#parts;
    if (remove === 0) return at === 0 || at >= this.length || parts[at] === 0 || parts[at] !== parts[at - 1];
    return parts.subarray(at, at + remove).every((part) => part === 0);
  }
}

const oldLines = (lines: readonly ChunkLine[]): string[] =>
  lines.flatMap(({ mark, text }) => (mark === '+' ? [] : [text]));

function withoutLastBlank(lines: readonly ChunkLine[]): readonly ChunkLine[] | null {
  const last = lines.findLastIndex(({ mark }) => mark !== '+');
  if (lines[last]?.text !== '' || oldLines(lines).length < 2) return null;
  return lines.filter((_, n) => n !== last);
}

/**
 * Edits do not overlap. Lines that are added at a place come before the part that begins there. The sort is stable, so
 * several additions at one place stay in order.
 */
function rebuilt(lines: readonly FileLine[], edits: readonly Placed[]): FileLine[] {
  const usual = usualEnd(lines);
  const result: FileLine[] = [];
  let done = 0;
  for (const edit of [...edits].sort((a, b) => a.at - b.at || Math.min(a.remove, 1) - Math.min(b.remove, 1))) {
    result.push(...lines.slice(done, edit.at));
    result.push(...edited(lines, edit, usual));
    done = edit.at + edit.remove;
  }
  result.push(...lines.slice(done));
  const last = result.length - 1;
  // A last line without a line break gets one if another line follows it, or if it is new.
  return result.map((line, n) =>
    line.end === '' && (n < last || line !== lines.at(-1)) ? { ...line, end: usual } : line,
  );
}

/** A new line takes the line break of the line that it replaces. */
function edited(lines: readonly FileLine[], { at, lines: chunk }: Placed, usual: string): FileLine[] {
  const result: FileLine[] = [];
  const removed: string[] = [];
  let from = at;
  for (const { mark, text } of chunk) {
    const line = lines[from];
    if (mark === '+') result.push({ text, end: removed.shift() || usual });
    else {
      if (line === undefined) throw fault('a part was placed beyond the end of the file');
      if (mark === ' ') result.push(line);
      if (mark === '-') removed.push(line.end);
      else removed.length = 0;
      from++;
    }
  }
  return result;
}

function usualEnd(lines: readonly FileLine[]): string {
  const count = new Map<string, number>();
  for (const { end } of lines) if (end !== '') count.set(end, (count.get(end) ?? 0) + 1);
  return [...count].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '\n';
}

/** The ways to compare two lines, strictest first. */
const COMPARISONS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => foldPunctuation(line.trim()),
];

/** The index of the first match at or after `from`; with `atEnd`, the end of the file is tried first. */
type Seek = (pattern: readonly string[], from: number, atEnd: boolean) => number | null;

/**
 * How many lines may be compared for all parts of an update. Ordinary patches need thousands; this limit takes about 50
 * ms.
 */
const MAX_COMPARED = 1_500_000;
/** What preparing one line costs for each way of comparing, in comparisons. */
const PREPARATION_COST = [0, 1, 1, 8];

function createSeeker(lines: readonly string[], path: string): Seek {
  /** The prepared lines for each way of comparing, made once. */
  const seen: (readonly string[])[] = [];
  let compared = 0;
  const count = (more: number): void => {
    compared += more;
    if (compared > MAX_COMPARED)
      throw patchError(`Failed to find expected lines in ${path}: too many lines look alike, give more context`);
  };
  return (pattern, from, atEnd) => {
    const last = lines.length - pattern.length;
    if (last < from) return null;
    for (const [rung, alike] of COMPARISONS.entries()) {
      if (seen[rung] === undefined) count(lines.length * (PREPARATION_COST[rung] ?? 0));
      const theirs = (seen[rung] ??= rung === 0 ? lines : lines.map(alike));
      const wanted = pattern.map(alike);
      const fits = (at: number): boolean => {
        for (const [n, line] of wanted.entries()) {
          count(1);
          if (theirs[at + n] !== line) return false;
        }
        return true;
      };
      if (atEnd && fits(last)) return last;
      for (let at = from; at <= last; at++) if (fits(at)) return at;
    }
    return null;
  };
}

/** Models write typographic dashes, quotes and spaces as ASCII. */
function foldPunctuation(line: string): string {
  return line
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' ');
}
