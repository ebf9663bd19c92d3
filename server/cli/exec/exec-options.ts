/** The flags of `codexd exec` in the form that a turn needs. */
import { SANDBOX_MODES, type SandboxMode } from '../../config/permissions/select.js';
import { wordOf } from '../../system/node/objects.js';
import { messageOf } from '../../errors/message-of.js';
import path from 'node:path';
import { readNamedFile } from '../options/named-file.js';
import { isGiven, valueOf, valuesOf, type ParsedCommand } from '../options/command-spec.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { noFolderText } from '../options/no-folder.js';
import { execError } from './exec-error.js';
import { remoteServer, type RemoteOption, type RemoteServer } from './remote.js';
import { isFolder } from '../../system/files/look.js';

export interface ExecOptions {
  /** Absolute. Null: the folder of the server in --remote. */
  readonly cwd: string | null;
  readonly json: boolean;
  readonly model: string | null;
  /** `--oss`: the choice of the local server by the command line. Null: `--oss` was not given. */
  readonly local: { readonly provider: string | null } | null;
  readonly sandbox: SandboxMode | null;
  /** JSON Schema for the answer. Null: any text. */
  readonly outputSchema: unknown;
  /** The file that receives the last message. */
  readonly lastMessageFile: string | null;
  /** Absolute. */
  readonly images: readonly string[];
  /** `--add-dir`, absolute. */
  readonly addedFolders: readonly string[];
  readonly ephemeral: boolean;
  /** Whether hooks run that nobody trusts. */
  readonly bypassesHookTrust: boolean;
  readonly skipTrustCheck: boolean;
  /** `--remote`: the server for the turn. Null: codexd starts a server for it. */
  readonly remote: RemoteServer | null;
  readonly threadSource: string | null;
  /** `--trust`: mark the project as trusted. */
  readonly trust: boolean;
  /**
   * Arguments for the server that codexd starts: `-c`, `--enable`, `--disable`, `--strict-config`, and what it
   * ignores.
   */
  readonly serverFlags: readonly string[];
}

/** Throws `cli.exec` when a folder or a schema cannot be used. */
export function execOptions(parsed: ParsedCommand, option: RemoteOption = 'remote'): ExecOptions {
  const remote = remoteServer(parsed, option);
  const cwd = remote === null ? ownFolder(parsed) : remoteFolder(parsed, option);
  const bypass = isGiven(parsed, 'dangerously-bypass-approvals-and-sandbox');
  const asked = isGiven(parsed, 'full-auto') ? 'workspace-write' : valueOf(parsed, 'sandbox');
  const schemaFile = valueOf(parsed, 'output-schema');
  const addedFolders = valuesOf(parsed, 'add-dir').map((folder) => path.resolve(folder));
  return {
    cwd,
    json: isGiven(parsed, 'json') || isGiven(parsed, 'experimental-json'),
    model: valueOf(parsed, 'model'),
    local: isGiven(parsed, 'oss') ? { provider: valueOf(parsed, 'local-provider') } : null,
    sandbox: bypass ? 'danger-full-access' : wordOf(SANDBOX_MODES, asked),
    outputSchema:
      schemaFile === null ? null : readSchema(schemaFile, cwd === null ? addedFolders : [cwd, ...addedFolders]),
    addedFolders,
    lastMessageFile: valueOf(parsed, 'output-last-message'),
    images: valuesOf(parsed, 'image').map((file) => path.resolve(file)),
    ephemeral: isGiven(parsed, 'ephemeral'),
    remote,
    threadSource: valueOf(parsed, 'thread-source'),
    trust: isGiven(parsed, 'trust'),
    bypassesHookTrust: isGiven(parsed, 'dangerously-bypass-hook-trust'),
    // The operator of a remote server decides which of its folders may be used.
    skipTrustCheck: remote !== null || bypass || isGiven(parsed, 'skip-git-repo-check'),
    serverFlags: serverFlags(parsed, addedFolders),
  };
}

function ownFolder(parsed: ParsedCommand): string {
  const asked = valueOf(parsed, 'cd');
  const cwd = path.resolve(asked ?? '.');
  if (!isFolder(cwd)) {
    const odd = asked === null || cwd.includes('\ufffd');
    throw execError(odd ? noFolderText(cwd) : `\`--cd ${asked}\`: there is no such folder`);
  }
  return cwd;
}

/** A path on the server's machine. */
function remoteFolder(parsed: ParsedCommand, option: RemoteOption): string | null {
  const asked = valueOf(parsed, 'cd');
  if (asked !== null && !path.isAbsolute(asked)) {
    throw execError(`\`--cd ${asked}\`: with --${option} it is a folder of the server's machine, as an absolute path`);
  }
  return asked;
}

/** In bytes. Endpoints accept much less. */
const MAX_SCHEMA = 4 * 1024 * 1024;

function readSchema(file: string, folders: readonly string[]): unknown {
  let text: string;
  try {
    text = readNamedFile(file, MAX_SCHEMA, folders);
  } catch (error) {
    throw execError(`Failed to read output schema file ${file}: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw execError(`Output schema file ${file} is not valid JSON: ${messageOf(error)}`);
  }
}

function serverFlags(parsed: ParsedCommand, added: readonly string[]): string[] {
  const profile = valueOf(parsed, 'profile');
  const { overrides, enable, disable } = commandLineConfig(parsed);
  return [
    ...overrides.flatMap((value) => ['--config', value]),
    ...enable.flatMap((name) => ['--enable', name]),
    ...disable.flatMap((name) => ['--disable', name]),
    ...(added.length > 0 ? ['--config', `sandbox_workspace_write.writable_roots=${JSON.stringify(added)}`] : []),
    ...(profile === null ? [] : ['--config-profile', profile]),
    ...['strict-config', 'ignore-user-config', 'ignore-rules'].flatMap((flag) =>
      isGiven(parsed, flag) ? [`--${flag}`] : [],
    ),
  ];
}
