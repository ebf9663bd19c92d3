/**
 * Where the parts of an update fit into a file, and the file with them applied (docs/protocol/turns.md §5 "Semantics").
 */
import { type Chunk, patchError } from './parse.js';

/**
 * The new content. Throws `tool.patch`, naming `path`, when a part does not fit. Parts come in the order of the file. A
 * missing newline at the end is added; every other line end stays as it is, and new lines get the kind that most have.
 */
export function applyChunks(content: string, chunks: readonly Chunk[], path: string): string {
  const { lines, ends } = splitLines(content, path);
  const usual = ends.filter((end) => end === '\r\n').length * 2 > ends.length ? '\r\n' : '\n';
  const edits: Placed[] = [];
  const seek = createSeeker(lines, path);
  let from = 0;
  for (const chunk of chunks) {
    if (chunk.after !== null) {
      const found = seek([chunk.after], from, false);
      if (found === null) throw patchError(`Failed to find context '${chunk.after}' in ${path}`);
      from = found + 1;
    }
    if (chunk.old.length === 0) {
      edits.push({ at: lines.length, remove: 0, insert: chunk.new });
      continue;
    }
    const fit = place(seek, chunk, from);
    if (fit === null) throw patchError(`Failed to find expected lines in ${path}:\n${chunk.old.join('\n')}`);
    edits.push(fit);
    from = fit.at + fit.remove;
  }
  return rebuilt(lines, ends, edits, usual);
}

/** Edits come in the order of the file, but for those that only add to its end. */
function rebuilt(lines: readonly string[], ends: readonly string[], edits: readonly Placed[], usual: string): string {
  const pieces: string[] = [];
  const keep = (start: number, end: number): void => {
    for (let n = start; n < end; n++) pieces.push(lines[n] ?? '', ends[n] || usual);
  };
  let done = 0;
  for (const { at, remove, insert } of inOrder(edits)) {
    keep(done, at);
    // Lines that stay keep their own end.
    for (const [n, line] of insert.entries()) pieces.push(line, (n < remove ? ends[at + n] : undefined) || usual);
    done = at + remove;
  }
  keep(done, lines.length);
  return pieces.join('');
}

/** The sort is stable: what was added to the end stays in its order. */
const inOrder = (edits: readonly Placed[]): Placed[] => [...edits].sort((a, b) => a.at - b.at);

interface Placed {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly string[];
}

function place(seek: Seek, { old, new: fresh, atEnd }: Chunk, from: number): Placed | null {
  const at = seek(old, from, atEnd);
  if (at !== null) return { at, remove: old.length, insert: fresh };
  // An empty line at the end of a part is often just the end of the patch's text.
  if (old.length < 2 || old.at(-1) !== '') return null;
  const shorter = seek(old.slice(0, -1), from, atEnd);
  if (shorter === null) return null;
  return { at: shorter, remove: old.length - 1, insert: fresh.at(-1) === '' ? fresh.slice(0, -1) : fresh };
}

/** How alike two lines must be, strictest first. */
const LADDER: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => foldPunctuation(line.trim()),
];

/** The first place at or behind `from` where the pattern stands; with `atEnd`, the end of the file is tried first. */
type Seek = (pattern: readonly string[], from: number, atEnd: boolean) => number | null;

/** Of lines, over all parts of an update. Patches that are meant as such need thousands; this is about 50 ms. */
const MAX_COMPARED = 1_500_000;
/** What a rung costs to see one line, in comparisons. */
const SEEING = [0, 1, 1, 8];

function createSeeker(lines: readonly string[], path: string): Seek {
  /** The lines as each rung sees them, once. */
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
    for (const [rung, alike] of LADDER.entries()) {
      if (seen[rung] === undefined) count(lines.length * (SEEING[rung] ?? 0));
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

/** In one file: more are changed by commands. */
const MAX_LINES = 200_000;

/** The last line has the end '' when the file does not end with a newline. */
function splitLines(content: string, path: string): { lines: string[]; ends: string[] } {
  const lines: string[] = [];
  const ends: string[] = [];
  for (let at = 0; at < content.length;) {
    const newline = content.indexOf('\n', at);
    const next = newline === -1 ? content.length : newline + 1;
    const carriage = newline > at && content[newline - 1] === '\r';
    const end = newline === -1 ? '' : carriage ? '\r\n' : '\n';
    lines.push(content.slice(at, next - end.length));
    ends.push(end);
    if (lines.length > MAX_LINES) throw patchError(`${path} has more than ${MAX_LINES} lines: change it by a command`);
    at = next;
  }
  return { lines, ends };
}
