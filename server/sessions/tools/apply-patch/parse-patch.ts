/**
 * The patch format of the apply_patch tool (docs/protocol/turns.md §5), as text. plan-patch.ts later compares the patch
 * with the files on disk.
 */
import { CodexdError } from '../../../errors/codexd-error.js';

export type PatchOperation =
  | { readonly kind: 'add'; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly moveTo: string | null;
      readonly chunks: readonly Chunk[];
    };

/** One `@@` part of an update. */
export interface Chunk {
  /** The text after `@@`: a line that comes before the change. */
  readonly after: string | null;
  readonly lines: readonly ChunkLine[];
  /** `*** End of File` follows the part. */
  readonly atEnd: boolean;
}

/** A kept, removed or added line, without its mark. */
export interface ChunkLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** The message follows `apply_patch verification failed: ` in the output for the model. */
export const patchError = (message: string): CodexdError => new CodexdError('tool.patch', message);

/** The errors for an unreadable patch: for the whole, and for a line, counted from 1. */
export interface PatchWords {
  whole(why: string): string;
  line(line: number, why: string): string;
}

const TOOL_WORDS: PatchWords = {
  whole: (why) => `invalid patch: ${why}`,
  line: (line, why) => `invalid hunk at line ${line}, ${why}`,
};

/** The lines that structure a patch, or their beginnings. */
export const MARKS = {
  begin: '*** Begin Patch',
  end: '*** End Patch',
  add: '*** Add File: ',
  delete: '*** Delete File: ',
  update: '*** Update File: ',
  move: '*** Move to: ',
  endOfFile: '*** End of File',
} as const;
const { begin: BEGIN, end: END, add: ADD, delete: DELETE, update: UPDATE, move: MOVE, endOfFile: END_OF_FILE } = MARKS;

/** No model writes more than this in one answer. */
export const MAX_PATCH_CHARACTERS = 512 * 1024;

/**
 * Text around a complete patch is ignored. Throws `tool.patch`. An empty list is a complete patch without operations.
 */
export function parsePatch(text: string, words = TOOL_WORDS): readonly PatchOperation[] {
  if (text.length > MAX_PATCH_CHARACTERS)
    throw patchError(words.whole(`it has more than ${MAX_PATCH_CHARACTERS} characters. Write large files by commands`));
  const lines = unwrap(text);
  if (lines[0]?.trim() !== BEGIN) throw patchError(words.whole(`The first line of the patch must be '${BEGIN}'`));
  if (lines.length < 2 || lines.at(-1)?.trim() !== END)
    throw patchError(words.whole(`The last line of the patch must be '${END}'`));
  const reader = new Reader(lines.slice(0, -1), words);
  const operations: PatchOperation[] = [];
  while (!reader.done) {
    if (reader.line.trim() === '') reader.next();
    else operations.push(operation(reader));
  }
  return operations;
}

/**
 * The lines of the patch, without the text that models put around a complete one: a heredoc, a fence of Markdown, JSON,
 * words before and after it. An incomplete patch is returned unchanged.
 */
function unwrap(text: string): readonly string[] {
  const lines = fromJson(text.trim()).trim().split('\n');
  const trimmed = lines.map((line) => line.trim());
  const begin = trimmed.indexOf(BEGIN);
  const end = trimmed.lastIndexOf(END);
  return begin >= 0 && end > begin ? lines.slice(begin, end + 1) : lines;
}

/** `{"input": "…"}`, or the text as a JSON string. */
function fromJson(text: string): string {
  if (!/^["{[]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    const members = typeof value === 'object' && value !== null ? Object.values(value) : [];
    const patch = members.flat().find((member) => typeof member === 'string' && member.includes(BEGIN));
    return typeof patch === 'string' ? patch : text;
  } catch {
    return text;
  }
}

/** The lines after `*** Begin Patch`, with their numbers. */
class Reader {
  readonly #lines: readonly string[];
  readonly #words: PatchWords;
  #at = 1;

  constructor(lines: readonly string[], words: PatchWords) {
    this.#lines = lines;
    this.#words = words;
  }

  get done(): boolean {
    return this.#at >= this.#lines.length;
  }

  get line(): string {
    return (this.#lines[this.#at] ?? '').replace(/\r$/, '');
  }

  next(): void {
    this.#at++;
  }

  /** `at` counts lines from the current one; line numbers in messages start at 1. */
  error(what: string, at = 0): CodexdError {
    return patchError(this.#words.line(this.#at + at + 1, what));
  }
}

/** Models quote names as Markdown does. */
export const undecorated = (name: string): string =>
  /^(`{1,3}|\*\*|")(?<inner>.+)\1$/.exec(name)?.groups?.inner ?? name;

function operation(reader: Reader): PatchOperation {
  const header = reader.line.trim();
  const rest = (prefix: string): string => undecorated(header.slice(prefix.length).trim());
  if (header.startsWith(ADD)) {
    reader.next();
    const lines: string[] = [];
    for (; !reader.done && reader.line.startsWith('+'); reader.next()) lines.push(reader.line.slice(1));
    return { kind: 'add', path: rest(ADD), lines };
  }
  if (header.startsWith(DELETE)) {
    reader.next();
    return { kind: 'delete', path: rest(DELETE) };
  }
  if (header.startsWith(UPDATE)) return update(reader, rest(UPDATE));
  throw reader.error(
    `'${header}' is not a valid hunk header. Valid hunk headers: '${ADD}{path}', '${DELETE}{path}', '${UPDATE}{path}'`,
  );
}

function update(reader: Reader, path: string): PatchOperation {
  reader.next();
  let moveTo: string | null = null;
  if (!reader.done && reader.line.startsWith(MOVE)) {
    moveTo = undecorated(reader.line.slice(MOVE.length).trim());
    reader.next();
  }
  const chunks: Chunk[] = [];
  let lines = 0;
  while (!reader.done && !isHeader(reader.line)) {
    lines++;
    if (reader.line.trim() === '') reader.next();
    else chunks.push(chunk(reader, chunks.length === 0));
  }
  if (chunks.length === 0 && moveTo === null)
    throw reader.error(`Update file hunk for path '${path}' is empty`, -1 - lines);
  return { kind: 'update', path, moveTo, chunks };
}

const isHeader = (line: string): boolean => line.startsWith('*** ') && line !== END_OF_FILE;

/** Line numbers in the form of diff(1) have no meaning here, but the text after them does. Null: there is no anchor. */
function anchorOf(text: string): string | null {
  const ranges = /^(?:-\d+(?:,\d+)? \+\d+(?:,\d+)? )?@@(?: (?<rest>.*))?$/.exec(text);
  const range = /^-\d+(?:,\d+)? \+\d+(?:,\d+)?$/.test(text);
  if (range) return null;
  const anchor = ranges === null ? text : (ranges.groups?.rest ?? '');
  return anchor.trim() === '' ? null : anchor;
}

function chunk(reader: Reader, first: boolean): Chunk {
  let after: string | null = null;
  if (reader.line.trimEnd() === '@@') reader.next();
  else if (reader.line.startsWith('@@ ')) {
    after = anchorOf(reader.line.slice(3));
    reader.next();
  } else if (!first) {
    throw reader.error(`Expected update hunk to start with a @@ context marker, got: '${reader.line}'`);
  }
  const lines: ChunkLine[] = [];
  for (; !reader.done; reader.next()) {
    const { line } = reader;
    const [mark = ' '] = line;
    if (line === END_OF_FILE) {
      if (lines.length === 0) throw reader.error('Update hunk does not contain any lines');
      reader.next();
      return { after, lines, atEnd: true };
    }
    if (mark !== ' ' && mark !== '+' && mark !== '-') {
      if (lines.length > 0) break; // the next part begins, or an invalid line
      if (isHeader(line)) break;
      throw reader.error(
        `Unexpected line found in update hunk: '${line}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`,
      );
    }
    lines.push({ mark, text: line.slice(1) });
  }
  if (lines.length === 0) throw reader.error('Update hunk does not contain any lines');
  return { after, lines, atEnd: false };
}
