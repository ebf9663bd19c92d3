/** The source of the program's patch: its only argument, or standard input (docs/protocol/turns.md §5). */
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';
import fs from 'node:fs';

/** `exitCode` and the text for standard error, if there is no patch. */
export type PatchInput = { readonly patch: string } | { readonly exitCode: number; readonly complaint: string };

const USAGE = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch";
/** Larger ones are refused in any case (apply-patch/parse-patch.ts), and `apply_patch < /dev/zero` must end. */
const MAX_BYTES = 4 * 1024 * 1024;

export function patchInput(args: readonly string[]): PatchInput {
  const [patch] = args;
  if (args.length > 1) return { exitCode: 2, complaint: 'Error: apply_patch accepts exactly one argument.' };
  if (patch === undefined) return fromStandardInput();
  return patch.includes('\ufffd') && !argumentsAreText()
    ? { exitCode: 1, complaint: 'Error: apply_patch requires a UTF-8 PATCH argument.' }
    : { patch };
}

function fromStandardInput(): PatchInput {
  const bad = (why: string): PatchInput => ({
    exitCode: 1,
    complaint: `Error: Failed to read PATCH from stdin.\n${why}`,
  });
  let bytes: Buffer;
  try {
    bytes = readUpTo(0, MAX_BYTES);
  } catch (error) {
    return bad(messageOf(error));
  }
  if (bytes.length === 0) return { exitCode: 2, complaint: USAGE };
  try {
    return { patch: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return bad('stream did not contain valid UTF-8');
  }
}

/** The bytes up to the end, or a little more than `limit`. */
function readUpTo(fd: number, limit: number): Buffer {
  const pieces: Buffer[] = [];
  for (let length = 0; length <= limit;) {
    const piece = Buffer.alloc(64 * 1024);
    const read = readWaiting(fd, piece);
    if (read === 0) break;
    pieces.push(piece.subarray(0, read));
    length += read;
  }
  return Buffer.concat(pieces);
}

/** A caller may have made the pipe non-blocking, so reading is tried again. */
function readWaiting(fd: number, piece: Buffer): number {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return fs.readSync(fd, piece);
    } catch (error) {
      const code = osCode(error);
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}

/** Node converts bytes that are not UTF-8 to U+FFFD; the kernel has the original bytes. */
function argumentsAreText(): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(fs.readFileSync('/proc/self/cmdline'));
    return true;
  } catch (error) {
    return !(error instanceof TypeError);
  }
}
