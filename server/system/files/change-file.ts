/** Changes a small file that several daemons and editors change: each change is made on the newest text. */
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { lockFile } from './file-lock.js';
import { closeBase, openBase, replaceFile, type FileBase } from './replace-file.js';

export interface FileChange {
  /** Absolute. Missing: its text is ''. */
  readonly file: string;
  /** The folder of the lock and of the temporary file: commands do not see it. */
  readonly staging: string;
  /** The name of the lock in `staging`: the daemons of one home take turns. */
  readonly lockName: string;
  /** The new text, made from the current one. The same text: nothing is written. */
  readonly render: (text: string) => string;
  /** Called after the file was replaced; `base` is the old file, still open. */
  readonly onReplaced?: (base: FileBase, text: string) => void;
}

/** How often a change is repeated because an editor, which does not use the lock, was faster. */
const MAX_TRIES = 20;

/** Throws what the file system throws, `config.locked`, what `render` throws, and Error after MAX_TRIES. */
export async function changeFile({ file, staging, lockName, render, onReplaced }: FileChange): Promise<void> {
  const lock = await lockFile(path.join(staging, lockName));
  try {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const base = openBase(file, staging);
      try {
        const text = render(base.text);
        if (text === base.text) return;
        if (!replaceFile(base, text, () => lock.held())) continue;
        onReplaced?.(base, text);
        return;
      } finally {
        closeBase(base);
      }
    }
  } finally {
    lock.release();
  }
  throw new CodexdError('machine.contended', `${file} is being changed by somebody else all the time`);
}
