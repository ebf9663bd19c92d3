/** A file as its lines, each with its own end, so that the file can be put together again byte for byte. */
import { patchError } from './parse.js';

export interface FileLine {
  readonly text: string;
  /** `\n`, `\r\n`, a lone `\r`, or '' for a last line without an end. */
  readonly end: string;
}

/** In one file: more are changed by commands. */
const MAX_LINES = 200_000;

/**
 * A lone carriage return ends a line only in a file that has no line feed. Elsewhere it is part of the line. Throws
 * `tool.patch`, naming `path`.
 */
export function splitLines(content: string, path: string): FileLine[] {
  const lines: FileLine[] = [];
  const feed = content.includes('\n') || !content.includes('\r') ? '\n' : '\r';
  for (let at = 0; at < content.length;) {
    const found = content.indexOf(feed, at);
    const next = found === -1 ? content.length : found + 1;
    const carriage = feed === '\n' && found > at && content[found - 1] === '\r';
    const end = found === -1 ? '' : carriage ? '\r\n' : feed;
    lines.push({ text: content.slice(at, next - end.length), end });
    if (lines.length > MAX_LINES) throw patchError(`${path} has more than ${MAX_LINES} lines: change it by a command`);
    at = next;
  }
  return lines;
}

export const joined = (lines: readonly FileLine[]): string => lines.map(({ text, end }) => text + end).join('');
