/**
 * Who trusted a project, and which project files a person confirmed: `$CODEX_HOME/project-trust.toml`, a file of
 * codexd.
 *
 * Threat: a trust entry that no person made lets a repository remove restrictions.
 * Rule: config.toml says which projects are trusted. This file says which of those entries the daemon made, because a
 * client asked for write access, and which project files a person confirmed, by their hash. It is written before
 * config.toml. If it is invalid, no entry counts as a person's and no file as confirmed.
 * Scope: entries of this program. Non-scope: entries that other programs make; they count as a person's.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { isList, tableAt } from '../toml/value.js';
import { changeFile } from '../../system/files/change-file.js';
import { paths } from '../../system/files/paths.js';
import { parseToml } from '../toml/parse-toml.js';
import type { FileReader } from './config-file.js';
import type { TomlTable } from '../toml/value.js';

export interface TrustRecord {
  /** Whether the daemon made the trust entry of this folder. */
  automatic(folder: string): boolean;
  /** Whether a person confirmed the file with this text. */
  confirmed(file: string, text: string): boolean;
}

/** A change of the record. */
export interface TrustChange {
  /** Folders with an entry that the daemon is about to make. */
  readonly automatic?: readonly string[];
  /** Folders with an entry that a person made. */
  readonly personal?: readonly string[];
  /** The confirmed hash of each file; null removes the confirmation. */
  readonly confirmed?: Readonly<Record<string, string | null>>;
}

/** The current record. Never throws. */
export function readTrustRecord(codexHome: string, read: FileReader): TrustRecord {
  const file = read(recordFile(codexHome));
  if (!('table' in file)) return { automatic: () => true, confirmed: () => false };
  const { table } = file;
  return {
    automatic: (folder) => automaticIn(table).some((entry) => paths.same(entry, folder)),
    confirmed: (name, text) => tableAt(table, 'confirmed')[name] === hashOf(text),
  };
}

/** `sha256:` and the hash of a file's text. */
export const hashOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/**
 * Changes the record; daemons of one home take turns. Throws what the file system throws, `config.locked` and
 * TomlSyntaxError.
 */
export async function changeTrustRecord(codexHome: string, read: FileReader, change: TrustChange): Promise<void> {
  const file = recordFile(codexHome);
  await changeFile({
    file,
    staging: codexHome,
    lockName: '.project-trust.toml.lock',
    render: (text) => render(parseToml(text), change),
    onReplaced: (_base, text) => read.expect(file, text),
  });
}

const recordFile = (codexHome: string): string => path.join(codexHome, 'project-trust.toml');

const automaticIn = (table: TomlTable): string[] =>
  isList(table.automatic) ? table.automatic.filter((folder) => typeof folder === 'string') : [];

function render(table: TomlTable, { automatic = [], personal = [], confirmed = {} }: TrustChange): string {
  const folders = new Set([...automaticIn(table), ...automatic]);
  for (const folder of folders) if (personal.some((entry) => paths.same(entry, folder))) folders.delete(folder);
  const known = Object.entries(tableAt(table, 'confirmed'));
  const hashes = new Map(known.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  for (const [file, hash] of Object.entries(confirmed)) {
    if (hash === null) hashes.delete(file);
    else hashes.set(file, hash);
  }
  return [
    '# Written by codexd (docs/configuration.md, "Projects").',
    '# Projects whose trust entry in config.toml was made for a client that asked for write access:',
    `automatic = [${[...folders].map((folder) => `\n  ${quoted(folder)},`).join('')}${folders.size > 0 ? '\n' : ''}]`,
    '',
    '# Project files that a person has said yes to (codexd trust):',
    '[confirmed]',
    ...[...hashes].map(([file, hash]) => `${quoted(file)} = ${quoted(hash)}`),
    '',
  ].join('\n');
}

/** A TOML basic string. */
const quoted = (text: string): string =>
  `"${text.replace(/["\\\p{Cc}]/gu, (c) => (c === '"' || c === '\\' ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`))}"`;
