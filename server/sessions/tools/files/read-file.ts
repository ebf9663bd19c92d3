/**
 * Reads a file that the model named, as far as a command of the turn could read it.
 *
 * Threat: the daemon may read what the turn's permissions deny (denied paths and globs, the tokens in the Codex home),
 * and `/proc/self` is the daemon's own to the daemon. An image or a patch would carry it to the model or into the
 * workspace, and whatever the daemon looked at before, a command may have turned a link since.
 * Rule: a command under the turn's permissions reads, always, also where they let everything be read, and the kernel
 * says no. The daemon opens nothing that a model names. A FIFO or a device is no file.
 * Non-scope: files that the person's client names (turn/user-input.ts): it acts for the person.
 */
import { libraryWords } from '../../../system/node/os-errors.js';
import { CodexdError } from '../../../errors/codexd-error.js';
import os from 'node:os';
import { commandEnvironment } from '../../../exec/start/environment.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import { turnPermissions } from '../shell/exec-command.js';
import type { ToolContext } from '../../tool-types/tool.js';

export interface FileReaderOptions {
  readonly supervisor: () => Promise<Supervisor>;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Rejects with what the file system says (`code`), with `tool.not-a-file`, or with `tool.file-too-large`. */
export type ReadFile = (file: string) => Promise<Buffer>;

export const notAFile = (file: string): CodexdError => new CodexdError('tool.not-a-file', file);

const tooLargeFile = (limit: number): CodexdError =>
  new CodexdError('tool.file-too-large', `larger than ${limit} bytes`);

/** What the endpoint takes in one request is less; more than this is no picture for it. */
export const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** `limit`: bytes. */
export function fileReader(options: FileReaderOptions, context: ToolContext, limit: number): ReadFile {
  return (file) => readHeld(file, limit, options, context);
}

/** Exit codes of our own: no file; too large. */
const [NOT_A_FILE, TOO_LARGE] = [93, 94];
const SCRIPT = `if [ -e "$1" ] && [ ! -f "$1" ]; then exit ${NOT_A_FILE}; fi
[ ! -r "$1" ] || [ "$(wc -c < "$1")" -le "$2" ] || exit ${TOO_LARGE}
exec head -c "$3" -- "$1"`;
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
    argv: ['/bin/sh', '-c', SCRIPT, 'sh', file, String(limit), String(limit + 1)],
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
    stderr: { full: false, push: (piece) => void (complaint += piece.toString()) },
  });
  const { exitCode, cause } = await running.ended;
  signal.throwIfAborted();
  if (exitCode === NOT_A_FILE) throw notAFile(file);
  if (exitCode === TOO_LARGE || bytes > limit) throw tooLargeFile(limit);
  if (exitCode !== 0 || cause !== 'exit') throw systemError(complaint, exitCode);
  return Buffer.concat(pieces);
}

/** What head says, as Node would. */
function systemError(complaint: string, exitCode: number): Error {
  const said = complaint.trim();
  const code = SAID.find((name) => said.endsWith(libraryWords(name)));
  const error: NodeJS.ErrnoException = new Error(said === '' ? `exit code ${exitCode}` : said);
  return code === undefined ? error : Object.assign(error, { code, errno: -os.constants.errno[code] });
}

const SAID = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP'] as const;
