/** The effective configuration, key by key, with where each value comes from, and the warnings about it. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { ClientParams, NotificationParams, RequestResult } from '../../../schema/registry.js';
import type { Server } from '../connection/server.js';

type Json = ClientParams<'config/value/write'>['value'];
type Read = RequestResult<'config/read'>;
type Layer = Read['origins'][string];
export type Warning = NotificationParams<'configWarning'>;

export interface Setting {
  /** With dots between its parts, as `config/value/write` wants it. */
  readonly key: string;
  readonly value: Json;
  /** Null: nobody set it, it is the default. */
  readonly origin: Layer | null;
}

export interface Configuration {
  readonly settings: ReadonlySignal<readonly Setting[]>;
  readonly warnings: ReadonlySignal<readonly Warning[]>;
  refresh(): Promise<void>;
  /** Writes a value to the user's file. What overrides it, in words; null: it counts. */
  write(key: string, value: Json): Promise<string | null>;
}

/** As many warnings as a person reads. */
const KEPT = 50;

export function createConfiguration(server: Server): Configuration {
  const settings = signal<readonly Setting[]>([]);
  const warnings = signal<readonly Warning[]>([]);
  let version: string | null = null;
  server.onNotification('configWarning', (warning) => {
    const same = JSON.stringify(warning);
    if (warnings.value.some((other) => JSON.stringify(other) === same)) return;
    warnings.value = [...warnings.value, warning].slice(-KEPT);
  });
  const refresh = async (): Promise<void> => {
    const read = await server.request('config/read', { includeLayers: true });
    settings.value = settingsOf(read);
    version = read.layers?.find(({ name }) => name.type === 'user')?.version ?? null;
  };
  return {
    settings,
    warnings,
    refresh,
    write: async (keyPath, value) => {
      const params = { keyPath, value, mergeStrategy: 'replace' as const, expectedVersion: version };
      const written = await server.request('config/value/write', params);
      await refresh();
      return written.overriddenMetadata?.message ?? null;
    },
  };
}

/** Every value that is set, in the order of the keys. A table is its values; a list is one value. */
export function settingsOf({ config, origins }: Pick<Read, 'config' | 'origins'>): readonly Setting[] {
  const found: Setting[] = [];
  const visit = (path: readonly string[], value: Json): void => {
    if (value === null || value === undefined) return;
    if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0) {
      for (const [name, inner] of Object.entries(value)) visit([...path, name], inner as Json);
      return;
    }
    const key = path.map(quoted).join('.');
    found.push({ key, value, origin: originOf(path, origins) });
  };
  for (const [name, value] of Object.entries(config)) visit([name], value);
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A part with a dot of its own needs quotes, as in TOML. */
export const quoted = (part: string): string => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part));

/** The origin of the value, or of the table that it is a part of. */
function originOf(path: readonly string[], origins: Read['origins']): Layer | null {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const found = origins[part.join('.')] ?? origins[part.map(quoted).join('.')];
    if (found !== undefined) return found;
  }
  return null;
}

/** Where a value comes from, in words. */
export function originText(origin: Layer | null): string {
  if (origin === null) return 'default';
  const { name } = origin;
  switch (name.type) {
    case 'user':
      return name.profile ? `${name.file} (profile ${name.profile})` : name.file;
    case 'packagedDefaults':
    case 'system':
    case 'legacyManagedConfigTomlFromFile':
      return name.file;
    case 'project':
      return name.dotCodexFolder;
    case 'sessionFlags':
      return 'command line';
    case 'mdm':
      return `managed (${name.domain})`;
    case 'enterpriseManaged':
      return `managed (${name.name})`;
    case 'legacyManagedConfigTomlFromMdm':
      return 'managed';
  }
}

/** What a person typed for a value: JSON, and everything else is a text. */
export function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export const matchingSettings = (settings: readonly Setting[], filter: string): readonly Setting[] => {
  const text = filter.trim().toLowerCase();
  return settings.filter(
    ({ key, value, origin }) =>
      key.toLowerCase().includes(text) ||
      JSON.stringify(value).toLowerCase().includes(text) ||
      originText(origin).toLowerCase().includes(text),
  );
};
