import path from 'node:path';
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import { ConfigError } from '../../errors/config-error.js';
import { messageOf } from '../../errors/message-of.js';
import { osCode } from '../../errors/os-code.js';
import { internalError, RpcError } from '../../errors/rpc-error.js';
import { lockFile, type FileLock } from '../../system/files/file-lock.js';
import { paths, realPath } from '../../system/files/paths.js';
import { closeBase, replaceFile } from '../../system/files/replace-file.js';
import { makeFolderForUser } from '../../system/files/private-files.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigService } from '../settings/config-service.js';
import type { AppliedEdits } from './apply-edits.js';
import { checkedChange, userVersion, type ChangeRequest } from './checked-change.js';
import { keepLateEdits, putUnderComments, wholeBase } from './late-edits.js';
import { overriddenBy, type Overridden } from './overridden.js';
import { writeRefused } from './write-refusal.js';

export interface WriteRequest extends ChangeRequest {
  /** Null: the user's file. */
  readonly filePath: string | null;
}

export interface WriteResult {
  readonly status: 'ok' | 'okOverridden';
  /** The user layer's new version. */
  readonly version: string;
  readonly filePath: string;
  readonly overriddenMetadata: Overridden | null;
}

/**
 * Writes to the user's config.toml (docs/protocol/config.md §5): all edits or none, one writer at a time on this
 * machine. Comments and layout are kept. The new text is parsed and compared with the wanted content before it replaces
 * the file. Throws RpcError; the file is unchanged then.
 */
export async function writeConfig(source: ConfigService, request: WriteRequest): Promise<WriteResult> {
  const filePath = userFile(source, request.filePath);
  const requirements = requirementsOf(source);
  let lock: FileLock;
  try {
    // A first command of a person, without a daemon before it, finds no folder yet.
    makeFolderForUser(source.sources.codexHome);
    lock = await lockFile(path.join(source.sources.codexHome, LOCK_FILE));
  } catch (error) {
    throw cannotWrite(error);
  }
  try {
    const { table, paths } = await writeLocked(source, filePath, request, requirements, lock);
    const overriddenMetadata = overriddenBy(source, table, paths);
    return {
      status: overriddenMetadata === null ? 'ok' : 'okOverridden',
      version: userVersion(source, table),
      filePath,
      overriddenMetadata,
    };
  } catch (error) {
    throw cannotWrite(error);
  } finally {
    lock.release();
  }
}

const LOCK_FILE = '.config.toml.lock';
/** How long a change is repeated, ms, while a program without the lock (an editor) changes the file. */
const PATIENCE_MS = 10_000;
async function writeLocked(
  source: ConfigService,
  filePath: string,
  request: WriteRequest,
  requirements: Requirements,
  lock: FileLock,
): Promise<AppliedEdits> {
  const staging = source.sources.codexHome;
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
    const base = await wholeBase(filePath, staging);
    let kept = base;
    try {
      const { applied, newText } = checkedChange(source, base.text, request, requirements, filePath);
      if (newText === base.text) return applied;
      const replaced = replaceFile(base, newText, () => lock.held())
        ? base
        : putUnderComments(filePath, base, newText, lock);
      if (replaced !== null) {
        source.sources.read.expect(path.join(source.sources.codexHome, 'config.toml'), newText);
        if (replaced !== base) closeBase(base);
        kept = replaced;
        kept = await keepLateEdits(filePath, replaced, lock);
        return applied;
      }
      if (!lock.held())
        throw new CodexdError('machine.contended', 'the lock of the configuration was lost while writing');
    } finally {
      closeBase(kept);
    }
  }
  throw new CodexdError('machine.contended', `${filePath} kept changing while it was written`);
}

function requirementsOf(source: ConfigService): Requirements {
  try {
    return source.requirements();
  } catch (error) {
    if (error instanceof ConfigError) throw internalError(`failed to load configuration: ${error.message}`);
    throw error;
  }
}

/** The error for a problem with the file, the lock or the result: nothing was written. */
function cannotWrite(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (isCode(error, 'config.locked')) return internalError(`failed to write configuration: ${error.message}`);
  const code = osCode(error);
  const message = messageOf(error);
  if (code === 'EISDIR' || code === 'EACCES' || error instanceof TypeError) {
    return internalError(`failed to load configuration: ${message}`);
  }
  return internalError(`failed to write configuration: ${message}`);
}

/** The user's file, as named in the answer. Throws configLayerReadonly for another file. */
function userFile(source: ConfigService, asked: string | null): string {
  const own = path.join(source.sources.codexHome, 'config.toml');
  if (asked === null) return own;
  if (!paths.isAbsolute(asked)) throw readOnly();
  const normal = path.normalize(asked);
  if (paths.same(normal, own)) return own;
  // A path through a linked folder is the same file; the answer has the path of the request.
  const isConfig = paths.nameKey(path.basename(normal)) === paths.nameKey('config.toml');
  if (isConfig && paths.same(realFolder(normal), realFolder(own))) return asked;
  throw readOnly();
}

const readOnly = (): RpcError => writeRefused('configLayerReadonly', 'Only writes to the user config are allowed');

function realFolder(file: string): string {
  try {
    return realPath(path.dirname(file));
  } catch {
    return path.dirname(file);
  }
}
