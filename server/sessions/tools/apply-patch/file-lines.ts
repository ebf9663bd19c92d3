/** A file as lines, each with its own line break, so that the file can be assembled again byte for byte. */
import { patchError } from './parse-patch.js';

export interface FileLine {
  readonly text: string;
  /** `\n`, `\r\n`, a lone `\r`, or '' for a last line without a line break. */
  readonly end: string;
}

/** In one file: commands must change larger files. */
const MAX_LINES = 200_000;

/**
 * A lone carriage return is a line break only in a file without line feeds. In other files it is part of the line.
 * Throws `tool.patch`, which names `path`.
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
