/** Where the parts of an update fit into a file, and the file with them applied (spec/turns.md §5 "Semantics"). */
import { PatchError, type Chunk } from './parse.js';

/**
 * The new content. Throws PatchError, naming `path`, when a part does not fit. Parts come in the order of the file. A
 * missing newline at the end is added; every other line end stays as it is, and new lines get the kind that most have.
 */
export function applyChunks(content: string, chunks: readonly Chunk[], path: string): string {
  const { lines, ends } = splitLines(content);
  const usual = ends.filter((end) => end === '\r\n').length * 2 > ends.length ? '\r\n' : '\n';
  const edits: { readonly at: number; readonly remove: number; readonly insert: readonly string[] }[] = [];
  let from = 0;
  for (const chunk of chunks) {
    if (chunk.after !== null) {
      const found = seek(lines, [chunk.after], from, false);
      if (found === null) throw new PatchError(`Failed to find context '${chunk.after}' in ${path}`);
      from = found + 1;
    }
    if (chunk.old.length === 0) {
      edits.push({ at: lines.length, remove: 0, insert: chunk.new });
      continue;
    }
    const fit = place(lines, chunk, from);
    if (fit === null) throw new PatchError(`Failed to find expected lines in ${path}:\n${chunk.old.join('\n')}`);
    edits.push(fit);
    from = fit.at + fit.remove;
  }
  for (const { at, remove, insert } of edits.reverse()) {
    // Lines that stay keep their own end.
    const kept = ends.slice(at, at + remove);
    lines.splice(at, remove, ...insert);
    ends.splice(at, remove, ...insert.map((_, n) => kept[n] ?? usual));
  }
  return lines.map((line, n) => line + (ends[n] || usual)).join('');
}

interface Placed {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly string[];
}

function place(lines: readonly string[], { old, new: fresh, atEnd }: Chunk, from: number): Placed | null {
  const at = seek(lines, old, from, atEnd);
  if (at !== null) return { at, remove: old.length, insert: fresh };
  // An empty line at the end of a part is often just the end of the patch's text.
  if (old.length < 2 || old.at(-1) !== '') return null;
  const shorter = seek(lines, old.slice(0, -1), from, atEnd);
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
function seek(lines: readonly string[], pattern: readonly string[], from: number, atEnd: boolean): number | null {
  const last = lines.length - pattern.length;
  if (last < from) return null;
  for (const alike of LADDER) {
    const wanted = pattern.map(alike);
    const fits = (at: number): boolean => wanted.every((line, n) => alike(lines[at + n] ?? '') === line);
    if (atEnd && fits(last)) return last;
    for (let at = from; at <= last; at++) if (fits(at)) return at;
  }
  return null;
}

/** Models write typographic dashes, quotes and spaces as ASCII. */
function foldPunctuation(line: string): string {
  return line
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' ');
}

/** The last line has the end '' when the file does not end with a newline. */
function splitLines(content: string): { lines: string[]; ends: string[] } {
  const lines: string[] = [];
  const ends: string[] = [];
  for (const [, line = '', end = ''] of content.matchAll(/([^\n]*?)(\r?\n|$)/gy)) {
    if (line === '' && end === '') continue; // Nothing stands behind the last newline.
    lines.push(line);
    ends.push(end);
  }
  return { lines, ends };
}
