import { messageOf } from '../../errors/message-of.js';
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { osCode } from '../../errors/os-code.js';
import { internalError, RpcError } from '../../errors/rpc-error.js';
import { normalContent } from '../layers/load-layers.js';
import { ConfigError } from '../../errors/config-error.js';
import { checkTable } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { parseToml, TomlSyntaxError } from '../toml/parse-toml.js';
import { isTable, newTable, sameValue, tableAt } from '../toml/value.js';
import { layerVersion } from '../toml/layer-version.js';
import { applyEdits } from './apply-edits.js';
import { editText, pathKey } from './edit-text.js';
import { lockFile } from '../../system/files/file-lock.js';
import { overriddenBy } from './overridden.js';
import { writeRefused } from './write-refusal.js';
import { mergeTextChange, commentsAround } from './merge-text.js';
import { closeBase, lateText, openBase, replaceFile } from '../../system/files/replace-file.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigService } from '../settings/config-service.js';
import type { TomlTable } from '../toml/value.js';
import type { AppliedEdits, ConfigEdit } from './apply-edits.js';
import type { FileLock } from '../../system/files/file-lock.js';
import type { Overridden } from './overridden.js';
import type { FileBase } from '../../system/files/replace-file.js';

export interface WriteRequest {
  readonly edits: readonly ConfigEdit[];
  readonly filePath: string | null;
  readonly expectedVersion: string | null;
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
    fs.mkdirSync(source.sources.codexHome, { recursive: true, mode: 0o700 });
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
/** How often a finished change is moved under new comments before the whole change is made again. */
const MAX_REBASES = 20;
/** The pause before an empty or half-written file is read again, ms, and how often that is done. */
const HALF_WRITTEN_MS = 10;
const HALF_WRITTEN_TRIES = 20;

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
      const { applied, newText } = change(source, base.text, request, requirements, filePath);
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

/**
 * The file has changed since the new text was made. If only comments were added at the beginning or at the end, the new
 * text is still right between them. So an editor that adds comments faster than a large file can be parsed does not
 * prevent the write. Null: the file has other changes.
 */
function putUnderComments(filePath: string, base: FileBase, newText: string, lock: FileLock): FileBase | null {
  const { staging } = base;
  for (let attempt = 0; attempt < MAX_REBASES && lock.held(); attempt++) {
    const now = openBase(filePath, staging);
    const around = commentsAround(base.text, now.text);
    if (around !== null && replaceFile(now, around.above + newText + around.below, () => lock.held())) return now;
    closeBase(now);
    if (around === null) return null;
  }
  return null;
}

/**
 * How long an editor may need from opening the old file to writing into it, ms.
 */
const LATE_WRITER_MS = 3;

/**
 * An editor that had the file open during the replacement writes into the old file, which has no name any more. Its
 * change is merged into the new file. Returns the base that is open at the end; the others are closed.
 */
async function keepLateEdits(filePath: string, replaced: FileBase, lock: FileLock): Promise<FileBase> {
  let base = replaced;
  const { staging } = replaced;
  for (let attempt = 0; attempt < MAX_REBASES && base.descriptor !== null; attempt++) {
    await sleep(LATE_WRITER_MS);
    const late = lateText(base);
    if (late === null) return base;
    const now = openBase(filePath, staging);
    const merged = mergeTextChange(base.text, late, now.text);
    const done = merged !== null && parses(merged) && replaceFile(now, merged, () => lock.held());
    closeBase(done ? base : now);
    if (done) base = now;
    else if (merged === null || !lock.held()) return base;
  }
  return base;
}

/** Reads the file; waits shortly if it seems to be half-written. */
async function wholeBase(filePath: string, staging: string): Promise<FileBase> {
  for (let attempt = 0; ; attempt++) {
    const base = openBase(filePath, staging);
    const stat = base.descriptor === null ? null : fs.fstatSync(base.descriptor);
    const fresh = stat !== null && Date.now() - stat.mtimeMs < HALF_WRITTEN_MS * HALF_WRITTEN_TRIES;
    if (!fresh || attempt >= HALF_WRITTEN_TRIES || (base.text.trim() !== '' && parses(base.text))) return base;
    closeBase(base);
    await sleep(HALF_WRITTEN_MS);
  }
}

function parses(text: string): boolean {
  try {
    parseToml(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The text after the edits. Checked in the order of docs/protocol/config.md §5: version, keyPath and value, the whole
 * result.
 */
function change(
  source: ConfigService,
  text: string,
  { edits, expectedVersion }: WriteRequest,
  requirements: Requirements,
  filePath: string,
): { readonly applied: AppliedEdits; readonly newText: string } {
  const table = parseBase(text, filePath);
  if (expectedVersion !== null && expectedVersion !== userVersion(source, table)) {
    throw writeRefused(
      'configVersionConflict',
      'Configuration was modified since last read. Fetch latest version and retry.',
    );
  }
  const applied = applyEdits(table, edits);
  validate(applied.table, requirements);
  const newText = editText(text, table, applied.table, applied.emptied);
  const written = verify(newText, applied);
  return { applied: { ...applied, table: written }, newText };
}

/** The version of the user's layer with this content, as in config/read. */
function userVersion({ sources }: ConfigService, table: TomlTable): string {
  const name = { type: 'user', file: path.join(sources.codexHome, 'config.toml'), profile: null } as const;
  return layerVersion(normalContent(name, table, sources));
}

function parseBase(text: string, filePath: string): TomlTable {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    throw internalError(`failed to load configuration: ${filePath}:${error.line}:${error.column}: ${error.message}`);
  }
}

function validate(table: TomlTable, requirements: Requirements): void {
  const mismatch = checkTable(table, configShape());
  if (mismatch !== null) {
    throw invalid(`${mismatch.text}\nin \`${mismatch.path.join('.')}\`\n`);
  }
  const { features: pins, source } = requirements;
  if (pins === null) return;
  const features = tableAt(table, 'features');
  for (const name of Object.keys(pins)) {
    const value = features[name];
    const on = isTable(value) ? value.enabled : value;
    if (typeof on !== 'boolean' || on === pins[name]) continue;
    const allowed = Object.entries(pins).map(([pin, state]) => `${pin}=${state}`);
    throw invalid(
      `invalid value for \`features\`: \`features.${name}=${on}\` is not in the allowed set [${allowed.join(', ')}] (set by ${source})`,
    );
  }
}

const invalid = (text: string): RpcError => writeRefused('configValidationError', `Invalid configuration: ${text}`);

/** The content of the new text. Throws Error if it is not the wanted content. */
function verify(newText: string, { table, emptied }: AppliedEdits): TomlTable {
  const vanishing = new Set(emptied.map(pathKey));
  let written: TomlTable;
  try {
    written = parseToml(newText);
  } catch (error) {
    throw new CodexdError('config.unwritable', `the change cannot be written without damage: ${messageOf(error)}`);
  }
  if (!sameValue(withoutEmptied(written, [], vanishing), withoutEmptied(table, [], vanishing))) {
    throw new CodexdError(
      'config.unwritable',
      'the change cannot be written without damage: the result reads differently from what was asked',
    );
  }
  return written;
}

/** The table without the tables that lost their last key, which stay in the text only if they have a header. */
function withoutEmptied(table: TomlTable, path: readonly string[], vanishing: ReadonlySet<string>): TomlTable {
  const rest = newTable();
  for (const [key, value] of Object.entries(table)) {
    const at = [...path, key];
    const kept = isTable(value) ? withoutEmptied(value, at, vanishing) : value;
    if (isTable(kept) && Object.keys(kept).length === 0 && vanishing.has(pathKey(at))) continue;
    rest[key] = kept;
  }
  return rest;
}

/** The user's file, as named in the answer. Throws configLayerReadonly for another file. */
function userFile(source: ConfigService, asked: string | null): string {
  const own = path.join(source.sources.codexHome, 'config.toml');
  if (asked === null) return own;
  if (!path.isAbsolute(asked)) throw readOnly();
  const normal = path.normalize(asked);
  if (normal === own) return own;
  // A path through a linked folder is the same file; the answer has the path of the request.
  if (path.basename(normal) === 'config.toml' && realFolder(normal) === realFolder(own)) return asked;
  throw readOnly();
}

const readOnly = (): RpcError => writeRefused('configLayerReadonly', 'Only writes to the user config are allowed');

function realFolder(file: string): string {
  try {
    return fs.realpathSync(path.dirname(file));
  } catch {
    return path.dirname(file);
  }
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
