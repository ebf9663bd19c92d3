/**
 * What the daemon asks its launcher for: a file in the daemon's own folder.
 *
 * Threat: the environment of a command may hold secrets, which every program of this user can read in a command line. A
 * command that can write the file chooses how the next command runs.
 * Rule: nothing of a request is in a command line or in the environment of the launcher. The folder is hidden from all
 * sandboxes and closed to other users; a name has 122 random bits and is made once. The launcher removes the file
 * before anything of the command runs, and the daemon removes it when the command has ended.
 * Scope: both ends of the file. Non-scope: passwords; they are in no request (setup-state.ts has them encrypted).
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CODEXD_VERSION } from '../../../package/package-version.js';
import { writeNewForUser } from '../../../system/files/private-files.js';
import { makePrivateFolder } from '../../../system/files/scratch.js';
import type { ConsoleSize } from '../../../system/windows/streams/win32-console.js';
import { sandboxRefused } from '../../policy/sandbox.js';
import { isConsoleSize } from './control-frames.js';

/** How the command is confined. */
export interface Confinement {
  /** null: the daemon's own user, with a restricted token. */
  readonly logon: { readonly user: 'offline' | 'online'; readonly name: string; readonly sid: string } | null;
  /** The SIDs that the command's writes are restricted to, beside those of its logon. */
  readonly capabilities: readonly string[];
  readonly privateDesktop: boolean;
}

export interface LaunchRequest extends Confinement {
  /** The build that wrote it: another one does not understand it. */
  readonly version: string;
  readonly codexHome: string;
  /** The name of the job that the runner enters; null: the launcher makes one. */
  readonly job: string | null;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The size of the command's terminal in character cells; null: it has the daemon's streams. */
  readonly terminal: ConsoleSize | null;
  /** The command's environment, complete. */
  readonly env: Readonly<Record<string, string>>;
}

/** The file, and its removal, which is idempotent and never throws. */
export interface WrittenRequest {
  readonly path: string;
  remove(): void;
}

/** Throws the errors of makePrivateFolder and of the file system. */
export function writeRequest(folder: string, request: Omit<LaunchRequest, 'version'>): WrittenRequest {
  makePrivateFolder(folder);
  const file = path.join(folder, `launch-${randomUUID()}.json`);
  writeNewForUser(file, JSON.stringify({ version: CODEXD_VERSION, ...request }));
  return {
    path: file,
    remove: () => {
      try {
        fs.rmSync(file, { force: true });
      } catch {
        // Another program has it open. The daemon removes its folder's old files at its next start.
      }
    },
  };
}

/** Reads and removes the file. Throws `sandbox.refused` if it is not a request of this build. */
export function takeRequest(file: string): LaunchRequest {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
    fs.rmSync(file);
  } catch (cause) {
    throw sandboxRefused('the request of the command cannot be read and removed', { cause });
  }
  const request = parsed(text);
  if (request === null) throw sandboxRefused('the request of the command is damaged');
  if (request.version !== CODEXD_VERSION)
    throw sandboxRefused(`the request is of codexd ${request.version}, and this is ${CODEXD_VERSION}: restart codexd`);
  return request;
}

function parsed(text: string): LaunchRequest | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRequest(value) ? value : null;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string');

/** Also for the frame to the runner, which is a part of it. */
export function isRequest(value: unknown): value is LaunchRequest {
  if (!isRecord(value)) return false;
  const { version, codexHome, job, argv, cwd, env, logon, capabilities, privateDesktop, terminal } = value;
  return (
    [version, codexHome, cwd].every((text) => typeof text === 'string') &&
    (job === null || typeof job === 'string') &&
    isTexts(argv) &&
    argv.length > 0 &&
    isTexts(capabilities) &&
    typeof privateDesktop === 'boolean' &&
    (terminal === null || isConsoleSize(terminal)) &&
    isRecord(env) &&
    Object.values(env).every((text) => typeof text === 'string') &&
    (logon === null ||
      (isRecord(logon) &&
        (logon.user === 'offline' || logon.user === 'online') &&
        typeof logon.name === 'string' &&
        typeof logon.sid === 'string'))
  );
}
