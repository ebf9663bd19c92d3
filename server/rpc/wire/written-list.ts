/**
 * A list in a result that was written as JSON while it was read. A whole history is as large as its files: its values
 * can be forgotten one by one, and the memory they were written to becomes the message.
 */
import { jsonPiece } from '../../system/node/json-text.js';

/** An element of a list: a comma and the JSON text in UTF-8, in one piece or in more. */
export type WrittenElement = readonly Buffer[];

/** The list at `path`, the members that lead to it from the outermost on. */
export interface WrittenList {
  readonly path: readonly string[];
  readonly elements: readonly WrittenElement[];
  /** Where most of the elements are. */
  readonly room: TextRoom;
}

/** Bundles have copies of this file, so they share the key of the runtime's registry. */
const LIST = Symbol.for('codexd.written-list');

/** The result in which the elements take the place of the list at their path. What `result` has there is not sent. */
export const withWrittenList = <R extends object>(result: R, list: WrittenList): R => ({ ...result, [LIST]: list });

/** The whole message of a result with a written list, with a newline; null: the result has none. */
export function writtenMessage(idText: string, result: unknown): Buffer | null {
  if (typeof result !== 'object' || result === null || !(LIST in result)) return null;
  const { path, elements, room } = result[LIST] as WrittenList;
  const head = `{"id":${idText},"result":${path.map((member) => `{${jsonPiece(member)}:`).join('')}[`;
  return room.join(Buffer.from(head), elements.flat(), Buffer.from(`]${membersBehind(result, path)}}\n`));
}

/** The end of the object whose first member leads to the list. */
function membersBehind(value: object, [member = '', ...deeper]: readonly string[]): string {
  const { [member]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  const text = jsonPiece(others).slice(1);
  const end = text.length > 1 ? `,${text}` : text;
  return deeper.length === 0 ? end : membersBehind(inner as object, deeper) + end;
}

/** Memory for texts that are written one after the other, and for the message that they become. */
export interface TextRoom {
  /** Makes room for so many bytes. More may come. Memory that is not used costs nothing. */
  expect(bytes: number): void;
  /** Writes texts in UTF-8, one directly behind the other; buffers have it already. Nobody may change the bytes. */
  write(...texts: readonly (string | Buffer)[]): Buffer;
  /** One buffer: the head, the pieces without the comma at their beginning, the tail. Ends the use of this room. */
  join(head: Buffer, pieces: readonly Buffer[], tail: Buffer): Buffer;
}

/** Room for the beginning of the message, with the id of almost every client. */
const HEAD_ROOM = 128;
const LEAST = 64 * 1024;
/** A machine may give no more addresses at once. */
const MOST_EXPECTED = 256 * 1024 * 1024;
/** A UTF-16 code unit needs at most three bytes in UTF-8. */
const MOST_BYTES = 3;

export function createTextRoom(): TextRoom {
  let block = Buffer.alloc(0);
  let used = 0;

  /** What was written stays where it is, in the block before. */
  function ensure(more: number): void {
    if (block.length - used >= more) return;
    block = Buffer.allocUnsafeSlow(Math.max(LEAST, block.length, more) + HEAD_ROOM);
    used = HEAD_ROOM;
  }

  function inPlace(head: Buffer, pieces: readonly Buffer[], tail: Buffer): Buffer | null {
    if (head.length > HEAD_ROOM + 1 || block.length - used < tail.length) return null;
    let end = HEAD_ROOM;
    for (const piece of pieces) {
      if (piece.buffer !== block.buffer || piece.byteOffset !== block.byteOffset + end) return null;
      end += piece.length;
    }
    const start = HEAD_ROOM + 1 - head.length;
    head.copy(block, start);
    tail.copy(block, end);
    return block.subarray(start, end + tail.length);
  }

  return {
    expect: (bytes) => ensure(Math.min(bytes, MOST_EXPECTED)),
    write(...texts) {
      const most = texts.reduce((sum, text) => sum + text.length * (typeof text === 'string' ? MOST_BYTES : 1), 0);
      if (block.length - used < most) ensure(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
      const start = used;
      for (const text of texts) used += typeof text === 'string' ? block.write(text, used) : text.copy(block, used);
      return block.subarray(start, used);
    },
    join(head, pieces, tail) {
      const [first, ...others] = pieces;
      if (first === undefined) return Buffer.concat([head, tail]);
      return inPlace(head, pieces, tail) ?? Buffer.concat([head, first.subarray(1), ...others, tail]);
    },
  };
}
