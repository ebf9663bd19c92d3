/**
 * Reads a file that the model named, if a command of the turn could read it.
 *
 * Threat: the daemon may read files that the turn's permissions deny (denied paths and globs, the tokens in the Codex
 * home). For the daemon, `/proc/self` is the daemon's own. An image or a patch would bring such content to the model or
 * into the workspace. After any check by the daemon, a command may replace the file by a link. Rule: a command under
 * the turn's permissions always does the reading, even if they allow to read everything, and the kernel refuses. The
 * daemon opens no file that a model names. A FIFO or a device is not a file. Non-scope: files that the person's client
 * names (turn/user-input.ts): it acts for the person.
 */
import { libraryWords } from '../../../system/node/os-errors.js';
import { CodexdError } from '../../../errors/codexd-error.js';
import os from 'node:os';
import { commandEnvironment } from '../../../exec/start/command-environment.js';
import type { Supervisor } from '../../../exec/supervisor.js';
import { NOT_A_FILE, readFileArgv, SCRIPT_FOLDER, TOO_LARGE } from '../../../system/programs/file-scripts.js';
import { readingPermissions } from '../shell/without-sandbox.js';
import type { ToolContext } from '../../tool-types/tool.js';

export interface FileReaderOptions {
  readonly supervisor: () => Promise<Supervisor>;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly codexHome: string;
}

/** Rejects with the file system's error (`code`), with `tool.not-a-file`, or with `tool.file-too-large`. */
export type ReadFile = (file: string) => Promise<Buffer>;

export const notAFile = (file: string): CodexdError => new CodexdError('tool.not-a-file', file);

const tooLargeFile = (limit: number): CodexdError =>
  new CodexdError('tool.file-too-large', `larger than ${limit} bytes`);

/** In bytes. Endpoints accept less in one request. */
export const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** `limit`: in bytes. */
export function fileReader(options: FileReaderOptions, context: ToolContext, limit: number): ReadFile {
  return (file) => readHeld(file, limit, options, context);
}

const LIMIT_MS = 60_000;

async function readHeld(
  file: string,
  limit: number,
  { supervisor, env, codexHome }: FileReaderOptions,
  { thread, turn, state, signal }: ToolContext,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let complaint = '';
  const running = await (
    await supervisor()
  ).start({
    argv: readFileArgv(file, limit),
    cwd: SCRIPT_FOLDER,
    env: commandEnvironment(state.settings, env, { LC_ALL: 'C' }, true),
    permissions: readingPermissions(state, file, codexHome),
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

/** Converts the message of head(1), or of Node with its code, to an error like Node's. */
function systemError(complaint: string, exitCode: number): Error {
  const said = complaint.trim();
  const code = MESSAGE_CODES.find((name) => said.startsWith(`${name}:`) || said.endsWith(libraryWords(name)));
  const error: NodeJS.ErrnoException = new Error(said === '' ? `exit code ${exitCode}` : said);
  return code === undefined ? error : Object.assign(error, { code, errno: -os.constants.errno[code] });
}

const MESSAGE_CODES = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP'] as const;
