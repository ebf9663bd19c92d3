/**
 * `apply_patch` as a program that commands call (docs/protocol/turns.md §5 "The program").
 *
 * Threat: a patch writes where the turn may not write. Rule: it is an ordinary program of the command. It has only the
 * command's sandbox, and reports the kernel's refusals as errors.
 */
import { isCode } from '../../../errors/codexd-error.js';
import { parsePatch, type PatchWords } from '../apply-patch/parse-patch.js';
import { summary } from '../apply-patch/write.js';
import { changesOf, placesOf } from './changes.js';
import { lockFolders } from './folder-locks.js';
import { patchInput } from './patch-input.js';
import { writeFiles } from './write-files.js';

export interface ProgramEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const WORDS: PatchWords = {
  whole: (why) => `Invalid patch: ${why}`,
  line: (line, why) => `Invalid patch hunk on line ${line}: ${why}`,
};

/** `args`: the words after the program's name. Files are changed below `cwd`, or at the paths of the patch. */
export function runPatchProgram(args: readonly string[], cwd: string): ProgramEnd {
  const input = patchInput(args);
  if (!('patch' in input)) return failed(input.complaint, input.exitCode);
  let unlock = (): void => undefined;
  try {
    const operations = parsePatch(input.patch, WORDS);
    if (operations.length === 0) return failed('No files were modified.');
    unlock = lockFolders(placesOf(operations, cwd));
    const { done, failure } = writeFiles(changesOf(operations, cwd));
    if (failure === null) return { exitCode: 0, stdout: summary(done), stderr: '' };
    const kept = done.length === 0 ? '' : `\nWhat came before it in the patch was written. ${summary(done).trimEnd()}`;
    return failed(`${failure}${kept}`);
  } catch (error) {
    if (isCode(error, 'tool.patch')) return failed(error.message);
    throw error;
  } finally {
    unlock();
  }
}

const failed = (complaint: string, exitCode = 1): ProgramEnd => ({ exitCode, stdout: '', stderr: `${complaint}\n` });
