/** The text of a file after edits, checked before and after: the version, the values, the whole result. */
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { internalError, type RpcError } from '../../errors/rpc-error.js';
import { normalContent } from '../layers/load-layers.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigService } from '../settings/config-service.js';
import { checkTable, checkWithDrives, type Mismatch } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { layerVersion } from '../toml/layer-version.js';
import { parseToml, TomlSyntaxError } from '../toml/parse-toml.js';
import { isTable, newTable, sameValue, tableAt, type TomlTable } from '../toml/value.js';
import { applyEdits, type AppliedEdits, type ConfigEdit } from './apply-edits.js';
import { editText, pathKey } from './edit-text.js';
import { writeRefused } from './write-refusal.js';

export interface ChangeRequest {
  readonly edits: readonly ConfigEdit[];
  /** Null: any version is changed. */
  readonly expectedVersion: string | null;
}

/**
 * The text after the edits. Checked in the order of docs/protocol/config.md §5: version, keyPath and value, the whole
 * result. Throws RpcError, and `config.unwritable` if the text would read differently from what was asked.
 */
export function checkedChange(
  source: ConfigService,
  text: string,
  { edits, expectedVersion }: ChangeRequest,
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
  validate(table, applied.table, requirements);
  const newText = editText(text, table, applied.table, applied.emptied);
  const written = verify(newText, applied);
  return { applied: { ...applied, table: written }, newText };
}

/** The version of the user's layer with this content, as in config/read. */
export function userVersion({ sources }: ConfigService, table: TomlTable): string {
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

function validate(before: TomlTable, table: TomlTable, requirements: Requirements): void {
  const mismatch = checkTable(table, configShape()) ?? newPathWithoutDrive(before, table);
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

/** `/tmp` names no drive on Windows. A change may not add such a path; one that is there blocks no other change. */
function newPathWithoutDrive(before: TomlTable, after: TomlTable): Mismatch | null {
  const found = checkWithDrives(after, configShape());
  const earlier = checkWithDrives(before, configShape());
  return found?.path.join('.') === earlier?.path.join('.') ? null : found;
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
