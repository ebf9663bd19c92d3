/** CONFIG: variables of the environment and the sandbox, from settings.json and settings.local.json. */
import path from 'node:path';
import { newTable, type TomlTable } from '../../config/toml/value.js';
import { isObject } from '../../system/node/objects.js';
import { addToConfig, configOf, missing } from './config-target.js';
import type { Kind } from './kind.js';
import { readObject } from './source-files.js';
import type { Scope } from './scope.js';

/** The settings of a scope: the files of a person's own machine win. */
export function settingsOf(scope: Scope): Readonly<Record<string, unknown>> {
  const [shared = {}, local = {}] = ['settings.json', 'settings.local.json'].map((name) =>
    readObject(scope, path.join(scope.source, name)),
  );
  const env = { ...objectAt(shared, 'env'), ...objectAt(local, 'env') };
  return { ...shared, ...local, env, hooks: joinedHooks(objectAt(shared, 'hooks'), objectAt(local, 'hooks')) };
}

export const objectAt = (value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> => {
  const found = value[key];
  return isObject(found) ? found : {};
};

function joinedHooks(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => [
      key,
      [...listOf(one[key]), ...listOf(other[key])],
    ]),
  );
}

function wantedOf(scope: Scope): TomlTable {
  const settings = settingsOf(scope);
  const wanted = newTable();
  const set = newTable();
  for (const [name, value] of Object.entries(objectAt(settings, 'env'))) {
    if (['string', 'number', 'boolean'].includes(typeof value)) set[name] = String(value);
  }
  if (Object.keys(set).length > 0) {
    wanted.shell_environment_policy = Object.assign(newTable(), { inherit: 'core', set });
  }
  if (objectAt(settings, 'sandbox').enabled === true) wanted.sandbox_mode = 'workspace-write';
  return wanted;
}

export const settingsKind: Kind = {
  itemType: 'CONFIG',
  detect(scope) {
    if (missing(configOf(scope), wantedOf(scope)) === null) return null;
    return { description: `Migrate ${sourceOf(scope)} into ${scope.config}`, details: null };
  },
  import(scope) {
    const more = missing(configOf(scope), wantedOf(scope));
    if (more === null) return [];
    addToConfig(scope, more);
    return [[sourceOf(scope), scope.config]];
  },
};

const sourceOf = ({ source }: Scope): string => path.join(source, 'settings.json');
