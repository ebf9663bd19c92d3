/** Adds settings to a config.toml: what it has already stays as it is. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeNewForUser } from '../../system/files/private-files.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { parseToml } from '../../config/toml/parse-toml.js';
import { isTable, newTable, sameValue, type TomlTable } from '../../config/toml/value.js';
import { editText } from '../../config/write/edit-text.js';
import { readText } from './source-files.js';
import { folderBelow, partsBelow } from './target-files.js';
import type { Scope } from './scope.js';

/** The settings of the file; empty: there is none. Throws TomlSyntaxError. */
export const configOf = (scope: Scope): TomlTable => parseToml(readText(scope, scope.config) ?? '');

/** Only what `table` does not have, down to the tables in it; null: it has everything. */
export function missing(table: TomlTable, wanted: TomlTable): TomlTable | null {
  const result = newTable();
  for (const [key, value] of Object.entries(wanted)) {
    const there = table[key];
    if (there === undefined) result[key] = value;
    else if (isTable(there) && isTable(value)) {
      const more = missing(there, value);
      if (more !== null) result[key] = more;
    }
  }
  return Object.keys(result).length === 0 ? null : result;
}

/** Throws if the file cannot be read as TOML or cannot be written; it is unchanged then. */
export function addToConfig(scope: Scope, wanted: TomlTable): void {
  const root = scope.confined ?? path.dirname(scope.config);
  const parts = partsBelow(root, scope.config);
  const folder = folderBelow(root, parts.slice(0, -1));
  try {
    const file = folder.at(parts.at(-1) ?? '');
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isFile()) {
      throw new CodexdError('config.unwritable', `${scope.config} is no file: nothing is written through a link`);
    }
    const text = stat === undefined ? '' : (readText(scope, scope.config) ?? '');
    if (stat !== undefined && stat.size > 0 && text === '') {
      throw new CodexdError('config.unwritable', `${scope.config} cannot be read`);
    }
    const table = parseToml(text);
    const after = joined(table, missing(table, wanted) ?? newTable());
    const next = editText(text, table, after, []);
    if (!sameValue(parseToml(next), after)) {
      throw new CodexdError('config.unwritable', `${scope.config} would not say what was imported`);
    }
    const temporary = folder.at(`.config.toml.${randomUUID()}`);
    try {
      if (stat === undefined) writeNewForUser(temporary, next);
      // eslint-disable-next-line codexd/files-by-path -- below the descriptor of its folder
      else fs.writeFileSync(temporary, next, { mode: stat.mode & 0o777, flag: 'wx' });
      // eslint-disable-next-line codexd/files-by-path -- below the descriptor of its folder
      fs.renameSync(temporary, file);
    } finally {
      // eslint-disable-next-line codexd/files-by-path -- below the descriptor of its folder
      fs.rmSync(temporary, { force: true });
    }
  } finally {
    folder.close();
  }
}

function joined(table: TomlTable, more: TomlTable): TomlTable {
  const result = Object.assign(newTable(), table);
  for (const [key, value] of Object.entries(more)) {
    const there = result[key];
    result[key] = isTable(there) && isTable(value) ? joined(there, value) : value;
  }
  return result;
}
