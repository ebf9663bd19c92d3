/**
 * Turns on a Windows whose configuration has chosen no sandbox yet (`[windows] sandbox`).
 *
 * Threat: nothing confines a command there. Rule: a command leaves the sandbox that it does not have, so a person, or
 * who answers in the person's place, is asked about each one as about a request for escalation; where nobody is asked,
 * it is refused (docs/protocol/turns.md §6). Files are read without a sandbox only under permissions that allow to
 * read everything, and never from the Codex home. Non-scope: a Windows whose sandbox was chosen and does not work; its
 * commands are refused (exec/supervisor.ts). A client's own commands are refused as well.
 */
import fs from 'node:fs';
import path from 'node:path';
import { tableAt } from '../../../config/toml/value.js';
import { needsSandbox, UNRESTRICTED, type CommandPermissions } from '../../../exec/start/permissions.js';
import type { ThreadState } from '../../runtime/thread-state.js';
import { sandboxKept, scriptPermissions, turnPermissions } from './turn-permissions.js';

/**
 * Whether the turn's permissions need a sandbox, none was chosen, and the requirements allow commands without one.
 * `platform`: for tests of one system on the other.
 */
export const lacksSandbox = (state: ThreadState, platform: NodeJS.Platform = process.platform): boolean =>
  platform === 'win32' &&
  tableAt(state.table, 'windows').sandbox === undefined &&
  needsSandbox(turnPermissions(state)) &&
  sandboxKept(state) === null;

/** How the program runs that reads `file` for the model. */
export function readingPermissions(
  state: ThreadState,
  file: string,
  codexHome: string,
  platform: NodeJS.Platform = process.platform,
): CommandPermissions {
  const free = lacksSandbox(state, platform) && readsEverything(state) && !isIn(codexHome, file);
  return free ? UNRESTRICTED : scriptPermissions(state);
}

function readsEverything({ profile: { filesystem } }: ThreadState): boolean {
  if (filesystem.kind === 'unrestricted') return true;
  const { entries } = filesystem;
  return (
    entries.some(({ target }) => target.kind === 'root') &&
    entries.every(({ access }) => access === 'read' || access === 'write')
  );
}

/** Whether the file is in the folder, by their real places and without case. A file that is missing is nowhere. */
function isIn(folder: string, file: string): boolean {
  const below = path.relative(realPlace(folder), realPlace(file));
  return below === '' || !(below.startsWith('..') || path.isAbsolute(below));
}

function realPlace(place: string): string {
  try {
    return fs.realpathSync.native(place).toLowerCase();
  } catch {
    return path.resolve(place).toLowerCase();
  }
}
