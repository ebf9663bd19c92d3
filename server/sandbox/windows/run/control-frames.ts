/**
 * What launcher and runner say to each other on their pipe: a length of 32 bits (little endian), then JSON.
 *
 * Threat: the runner acts as the sandbox user, so what it says may be a command's word.
 * Rule: a frame has a limit, and is one of the forms below; anything else ends the connection. The launcher believes an
 * exit code and a text for the person, and nothing else.
 * Scope: the frames. Non-scope: who may open the pipe (launcher.ts).
 */
import type { Duplex } from 'node:stream';
import { fault } from '../../../errors/fault.js';
import { isObject } from '../../../system/node/objects.js';
import type { ConsoleEvent } from '../../../system/windows/process/win32-process.js';
import type { ConsoleSize } from '../../../system/windows/streams/win32-console.js';

/** The environment and the arguments of a command, which Windows limits to 64 KiB each, as JSON in the worst case. */
export const FRAME_LIMIT_BYTES = 1024 * 1024;

/** What the runner says. One of them is the last: `exit` after the command's end, `refused` if it did not start. */
export type RunnerSays =
  /** 32 bits with a sign. */
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string };

/** What the launcher says after the request. */
export type LauncherSays =
  | { readonly kind: 'interrupt'; readonly event: ConsoleEvent }
  /** The new size of the command's terminal. The daemon sends it to the launcher as well. */
  | ResizeFrame;

export interface ResizeFrame {
  readonly kind: 'resize';
  readonly size: ConsoleSize;
}

export function sendFrame(stream: Duplex, value: object): void {
  const text = Buffer.from(JSON.stringify(value));
  const header = Buffer.alloc(4);
  header.writeUInt32LE(text.length);
  stream.write(Buffer.concat([header, text]));
}

/** Calls `take` with each frame. A frame that cannot be read destroys the stream with an error. */
export function readFrames(stream: Duplex, take: (value: unknown) => void): void {
  let rest = Buffer.alloc(0);
  stream.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    try {
      while (rest.length >= 4) {
        const length = rest.readUInt32LE();
        if (length > FRAME_LIMIT_BYTES) throw fault(`a frame of ${length} bytes`);
        if (rest.length < 4 + length) return;
        const value: unknown = JSON.parse(rest.toString('utf8', 4, 4 + length));
        rest = rest.subarray(4 + length);
        take(value);
      }
    } catch (error) {
      stream.destroy(error instanceof Error ? error : undefined);
    }
  });
}

/** Null: it is neither. */
export function runnerSays(value: unknown): RunnerSays | null {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('code' in value)) return null;
  const { kind, code } = value;
  if (typeof code !== 'number' || !Number.isInteger(code)) return null;
  if (kind === 'exit') return { kind, code: code | 0 };
  if (kind !== 'refused' || !('reason' in value) || typeof value.reason !== 'string') return null;
  return { kind, code: code | 0, reason: value.reason };
}

/** Null: it is another frame. */
export function interruptIn(value: unknown): ConsoleEvent | null {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('event' in value)) return null;
  const { kind, event } = value;
  return kind === 'interrupt' && (event === 'ctrl-c' || event === 'ctrl-break') ? event : null;
}

export const isResize = (value: unknown): value is ResizeFrame =>
  isObject(value) && value.kind === 'resize' && isConsoleSize(value.size);

/** What a console can have. */
const CELLS_LIMIT = 32767;

export const isConsoleSize = (value: unknown): value is ConsoleSize =>
  isObject(value) &&
  [value.rows, value.cols].every(
    (cells) => typeof cells === 'number' && Number.isInteger(cells) && cells >= 1 && cells <= CELLS_LIMIT,
  );
