/**
 * Reads a file that the model named, as far as a command of the turn could read it.
 *
 * Threat: the daemon may read what the turn's permissions deny (denied paths and globs, the tokens in the Codex home), and
 * an image or a patch would carry it to the model or into the workspace.
 * Rule: where the permissions let everything be read, the daemon reads itself; otherwise a command in the turn's sandbox
 * does, and the kernel says no. Nothing is waited for: a FIFO or a device is no file.
 * Non-scope: files that the person's client names (turn/user-input.ts): it acts for the person.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import { readsEverything } from '../../config/permission-profile.js';
import { commandEnvironment } from '../../exec/environment.js';
import type { Supervisor } from '../../exec/supervisor.js';
import { createPathResolver, isWithin } from '../../sandbox/resolve-path.js';
import { turnPermissions } from './exec/exec-command.js';
import type { ToolContext } from './tool.js';

export interface FileReaderOptions {
  readonly supervisor: () => Promise<Supervisor>;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
}

/** Rejects with what the file system says (`code`), with NotAFile, or with TooLarge. */
export type ReadFile = (file: string) => Promise<Buffer>;

export class NotAFile extends Error {}

export class TooLarge extends Error {
  constructor(limit: number) {
    super(`larger than ${limit} bytes`);
  }
}

/** What the endpoint takes in one request is less; more than this is no picture for it. */
export const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** `limit`: bytes. */
export function fileReader(options: FileReaderOptions, context: ToolContext, limit: number): ReadFile {
  const home = createPathResolver()(options.codexHome).real;
  return (file) => {
    const free = readsEverything(context.state.profile) && !isWithin(createPathResolver()(file).real, home);
    return free ? readOpenly(file, limit) : readHeld(file, limit, options, context);
  };
}

/** As the daemon may. */
export async function readOpenly(file: string, limit: number): Promise<Buffer> {
  // A pipe under the name must not keep us waiting.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new NotAFile(file);
    if (stat.size > limit) throw new TooLarge(limit);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Exit codes of our own: no file; too large. */
const [NOT_A_FILE, TOO_LARGE] = [93, 94];
const SCRIPT = `if [ -e "$1" ] && [ ! -f "$1" ]; then exit ${NOT_A_FILE}; fi
[ ! -r "$1" ] || [ "$(wc -c < "$1")" -le "$2" ] || exit ${TOO_LARGE}
exec cat -- "$1"`;
const LIMIT_MS = 60_000;

async function readHeld(
  file: string,
  limit: number,
  { supervisor, env }: FileReaderOptions,
  { thread, turn, state, signal }: ToolContext,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let complaint = '';
  const running = await (
    await supervisor()
  ).start({
    argv: ['/bin/sh', '-c', SCRIPT, 'sh', file, String(limit)],
    cwd: '/',
    env: commandEnvironment(state.settings, env, { LC_ALL: 'C' }, true),
    permissions: { ...turnPermissions(state), network: { kind: 'offline' } },
    io: { kind: 'pipes', stdin: false },
    timeoutMs: LIMIT_MS,
    owner: { kind: 'thread', threadId: thread.id, turnId: turn.id, itemId: null },
    prompter: null,
    gone: signal,
    stdout: {
      full: false,
      push: (piece) => {
        bytes += piece.length;
        if (bytes <= limit) pieces.push(Buffer.from(piece));
        return undefined;
      },
    },
    stderr: { full: false, push: (piece) => void (complaint += piece.toString()) as undefined },
  });
  const { exitCode, cause } = await running.ended;
  signal.throwIfAborted();
  if (exitCode === NOT_A_FILE) throw new NotAFile(file);
  if (exitCode === TOO_LARGE || bytes > limit) throw new TooLarge(limit);
  if (exitCode !== 0 || cause !== 'exit') throw systemError(complaint, exitCode);
  return Buffer.concat(pieces);
}

/** What cat says, as Node would. */
function systemError(complaint: string, exitCode: number): Error {
  const said = complaint.trim();
  const code = SAID.find(([words]) => said.endsWith(words))?.[1];
  const error: NodeJS.ErrnoException = new Error(said === '' ? `exit code ${exitCode}` : said);
  return code === undefined ? error : Object.assign(error, { code, errno: -os.constants.errno[code] });
}

const SAID: readonly (readonly [string, 'ENOENT' | 'EACCES' | 'EPERM' | 'ENOTDIR' | 'ELOOP'])[] = [
  ['No such file or directory', 'ENOENT'],
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['Not a directory', 'ENOTDIR'],
  ['Too many levels of symbolic links', 'ELOOP'],
];
