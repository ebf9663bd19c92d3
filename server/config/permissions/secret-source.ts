/** Where an action of a hook finds a secret: a variable of the daemon's environment, or a file. */
import path from 'node:path';
import type { TomlValue } from '../toml/value.js';
import { optionalText, refuse, tableOf } from './hook-values.js';

export type SecretSource = { readonly variable: string } | { readonly file: string };

/** `{ env_var = "NAME" }` or `{ file = "/absolute" }`. Throws ConfigError. */
export function readSecretSource(value: TomlValue | undefined, at: string): SecretSource {
  if (value === undefined) throw refuse(at, 'is missing');
  const table = tableOf(value, at, ['env_var', 'file']);
  return oneSource(at, { env_var: table.env_var, file: table.file });
}

/** Of the two keys, exactly one: first that of a variable, then that of a file. Throws ConfigError. */
export function oneSource(at: string, keys: Readonly<Record<string, TomlValue | undefined>>): SecretSource {
  const [[variableKey, written] = ['', undefined], [fileKey, place] = ['', undefined]] = Object.entries(keys);
  const variable = optionalText(written, `${at}.${variableKey}`);
  const file = optionalText(place, `${at}.${fileKey}`);
  if ((variable === null) === (file === null))
    throw refuse(at, `needs exactly one of \`${variableKey}\` and \`${fileKey}\``);
  if (variable !== null) {
    if (variable.trim() === '') throw refuse(`${at}.${variableKey}`, 'must not be empty');
    return { variable };
  }
  if (file === null || !path.isAbsolute(file)) throw refuse(`${at}.${fileKey}`, 'must be an absolute path');
  return { file };
}
