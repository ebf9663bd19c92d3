/** The flags of `codexd exec`, as a turn needs them. */
import path from 'node:path';
import { readNamedFile } from '../named-file.js';
import { isGiven, valueOf, valuesOf, type ParsedCommand } from '../command-spec.js';
import { ExecError } from './exec-error.js';
import { isFolder } from '../../system/look.js';

export interface ExecOptions {
  readonly cwd: string;
  readonly json: boolean;
  readonly model: string | null;
  /** `--oss`: which server, as far as the command line says; null: not asked for. */
  readonly local: { readonly provider: string | null } | null;
  readonly sandbox: 'read-only' | 'workspace-write' | 'danger-full-access' | null;
  /** Null: any text. */
  readonly outputSchema: unknown;
  /** The file for the last message. */
  readonly lastMessageFile: string | null;
  /** Absolute. */
  readonly images: readonly string[];
  /** `--add-dir`, absolute. */
  readonly addedFolders: readonly string[];
  readonly ephemeral: boolean;
  readonly skipTrustCheck: boolean;
  /** What the server is started with: `-c`, `--enable`, `--disable`, `--strict-config`. */
  readonly serverFlags: readonly string[];
}

/** Throws ExecError: a folder or a schema that cannot be used. */
export function execOptions(parsed: ParsedCommand): ExecOptions {
  const cwd = path.resolve(valueOf(parsed, 'cd') ?? '.');
  if (!isFolder(cwd)) {
    throw new ExecError(`\`--cd ${valueOf(parsed, 'cd') ?? cwd}\`: there is no such folder`);
  }
  const bypass = isGiven(parsed, 'dangerously-bypass-approvals-and-sandbox');
  const asked = isGiven(parsed, 'full-auto') ? 'workspace-write' : valueOf(parsed, 'sandbox');
  const schemaFile = valueOf(parsed, 'output-schema');
  const addedFolders = valuesOf(parsed, 'add-dir').map((folder) => path.resolve(folder));
  return {
    cwd,
    json: isGiven(parsed, 'json') || isGiven(parsed, 'experimental-json'),
    model: valueOf(parsed, 'model'),
    local: isGiven(parsed, 'oss') ? { provider: valueOf(parsed, 'local-provider') } : null,
    sandbox: bypass ? 'danger-full-access' : (asked as ExecOptions['sandbox']),
    outputSchema: schemaFile === null ? null : readSchema(schemaFile, [cwd, ...addedFolders]),
    addedFolders,
    lastMessageFile: valueOf(parsed, 'output-last-message'),
    images: valuesOf(parsed, 'image')
      .flatMap((value) => value.split(','))
      .map((file) => path.resolve(file)),
    ephemeral: isGiven(parsed, 'ephemeral'),
    skipTrustCheck: bypass || isGiven(parsed, 'skip-git-repo-check'),
    serverFlags: serverFlags(parsed, addedFolders),
  };
}

/** In bytes. What endpoints take is much less. */
const MAX_SCHEMA = 4 * 1024 * 1024;

function readSchema(file: string, folders: readonly string[]): unknown {
  let text: string;
  try {
    text = readNamedFile(file, MAX_SCHEMA, folders);
  } catch (error) {
    throw new ExecError(`Failed to read output schema file ${file}: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ExecError(`Output schema file ${file} is not valid JSON: ${(error as Error).message}`);
  }
}

function serverFlags(parsed: ParsedCommand, added: readonly string[]): string[] {
  return [
    ...parsed.globals.flatMap(({ name, value }) => [`--${name}`, value]),
    ...(added.length > 0 ? ['--config', `sandbox_workspace_write.writable_roots=${JSON.stringify(added)}`] : []),
    ...(isGiven(parsed, 'strict-config') ? ['--strict-config'] : []),
  ];
}
