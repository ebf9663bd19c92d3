/**
 * memory/status and memory/reset (docs/protocol/threads.md §15): the files of the official program's memories in the
 * shared home. codexd writes none.
 *
 * Threat: a link in the place of a folder of memories, by which a reset empties another folder. Rule: a folder is
 * emptied only if it is no link, and what lies in it is removed without following links. Scope: three folders of the
 * home. Non-scope: the official program's databases of notes; where they exist, the reset says that it left them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../errors/message-of.js';
import { osCode } from '../../../errors/os-code.js';
import { internalError } from '../../../errors/rpc-error.js';

const FOLDERS = ['memories', 'memories_v2', 'memories_extensions'] as const;
const DATABASES = ['memories_1.sqlite', 'memories_v2_1.sqlite'] as const;

/** Whether the first generation of memories has anything that the second still has to take over. */
export function hasMemories(codexHome: string): boolean {
  return entriesOf(path.join(codexHome, FOLDERS[0])).length > 0;
}

/** Throws RpcError; then nothing, or a part, was removed, and the text says what is left. */
export function resetMemories(codexHome: string): void {
  try {
    const folders = FOLDERS.map((name) => path.join(codexHome, name));
    for (const folder of folders) {
      if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        throw internalError(`refusing to clear symlinked memory root ${folder}`);
      }
    }
    for (const folder of folders) {
      for (const name of entriesOf(folder)) fs.rmSync(path.join(folder, name), { recursive: true });
    }
  } catch (error) {
    throw internalError(`failed to clear memory directories under ${codexHome}: ${messageOf(error)}`);
  }
  const left = DATABASES.filter((name) => fs.existsSync(path.join(codexHome, name)));
  if (left.length > 0) {
    throw internalError(
      `the memory folders are empty, but ${left.join(' and ')} of the official program keep its notes: run its own memory/reset`,
    );
  }
}

function entriesOf(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (osCode(error) === 'ENOENT') return [];
    throw error;
  }
}
