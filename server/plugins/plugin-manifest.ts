/** plugin.json: what a plugin says of itself (docs/protocol/services.md §10 "plugin.json"). */
import type { PluginInterface } from '../../schema/protocol/services/plugin.js';
import { isObject } from '../system/node/objects.js';
import { isFileInside, pathInside, textInside } from './inside.js';
import { objectIn, readJson, textIn, textsIn } from './json-file.js';

export interface PluginManifest {
  /** Null: the folder's. */
  readonly name: string | null;
  readonly version: string | null;
  readonly description: string | null;
  readonly keywords: readonly string[];
  /** Null: there is none. */
  readonly interface: PluginInterface | null;
  /** Folders of skills; null: the usual one. */
  readonly skills: readonly string[] | null;
  /** The file of servers, the servers themselves, or null: the usual file. */
  readonly mcpServers: string | Readonly<Record<string, unknown>> | null;
  /** Files of hooks, or hooks themselves; null: the usual file. */
  readonly hooks: readonly (string | Readonly<Record<string, unknown>>)[] | null;
}

export type ManifestRead =
  { readonly manifest: PluginManifest } | { readonly missing: true } | { readonly fault: string };

/** The official program's own place first, then that of the other format. */
export const MANIFEST_FILES = ['.codex-plugin/plugin.json', '.claude-plugin/plugin.json'] as const;

/** Never throws. */
export function readManifest(root: string): ManifestRead {
  for (const name of MANIFEST_FILES) {
    const read = textInside(root, name);
    if (read === null) continue;
    if ('fault' in read) return { fault: `failed to read plugin.json: ${read.fault}` };
    const json = readJson(read.text);
    if ('fault' in json) return { fault: `failed to parse plugin.json: ${json.fault}` };
    if (!isObject(json.value)) return { fault: 'failed to parse plugin.json: expected an object' };
    return manifestOf(json.value, root);
  }
  return { missing: true };
}

function manifestOf(json: Record<string, unknown>, root: string): ManifestRead {
  const { version, hooks, mcpServers } = json;
  if (version !== undefined && version !== null && typeof version !== 'string')
    return { fault: 'invalid plugin version in plugin.json: expected string' };
  const paths = [
    ...textsIn(json, 'skills'),
    ...(typeof mcpServers === 'string' ? [mcpServers] : []),
    ...textsIn(json, 'hooks'),
  ];
  const leaving = paths.find((written) => pathInside(root, written) === null);
  if (leaving !== undefined)
    return { fault: `plugin.json names a path outside of the plugin: ${leaving.slice(0, 200)}` };
  return {
    manifest: {
      name: textIn(json, 'name'),
      version: version?.trim() ? version.trim() : null,
      description: textIn(json, 'description'),
      keywords: textsIn(json, 'keywords').slice(0, MAX_LIST),
      interface: interfaceOf(objectIn(json, 'interface'), root),
      skills: json.skills === undefined ? null : textsIn(json, 'skills').slice(0, MAX_LIST),
      mcpServers: typeof mcpServers === 'string' || isObject(mcpServers) ? mcpServers : null,
      hooks: hooks === undefined || hooks === null ? null : hooksIn(hooks),
    },
  };
}

/** Of anything that a plugin lists. */
const MAX_LIST = 64;

const hooksIn = (hooks: unknown): PluginManifest['hooks'] =>
  (Array.isArray(hooks) ? hooks : [hooks])
    .filter((item): item is string | Record<string, unknown> => typeof item === 'string' || isObject(item))
    .slice(0, MAX_LIST);

/** Prompts: three at most, of 512 characters. */
const [MAX_PROMPTS, MAX_PROMPT] = [3, 512];

function interfaceOf(table: Record<string, unknown> | null, root: string): PluginInterface | null {
  if (table === null) return null;
  const text = (...keys: readonly string[]): string | null =>
    keys.map((key) => textIn(table, key)).find((found) => found !== null) ?? null;
  const file = (written: string | null): string | null =>
    written !== null && isFileInside(root, written) ? pathInside(root, written) : null;
  const prompts = textsIn(table, 'defaultPrompt')
    .map((prompt) => prompt.trim())
    .filter((prompt) => prompt !== '' && [...prompt].length <= MAX_PROMPT)
    .slice(0, MAX_PROMPTS);
  return {
    displayName: text('displayName'),
    shortDescription: text('shortDescription'),
    longDescription: text('longDescription'),
    developerName: text('developerName'),
    category: text('category'),
    capabilities: [...textsIn(table, 'capabilities').slice(0, MAX_LIST)],
    websiteUrl: text('websiteURL', 'websiteUrl'),
    privacyPolicyUrl: text('privacyPolicyURL', 'privacyPolicyUrl'),
    termsOfServiceUrl: text('termsOfServiceURL', 'termsOfServiceUrl'),
    defaultPrompt: prompts.length === 0 ? null : prompts,
    brandColor: text('brandColor'),
    composerIcon: file(text('composerIcon')),
    composerIconUrl: null,
    logo: file(text('logo')),
    logoDark: file(text('logoDark')),
    logoUrl: null,
    logoUrlDark: null,
    screenshots: textsIn(table, 'screenshots')
      .slice(0, MAX_LIST)
      .flatMap((written) => file(written) ?? []),
    screenshotUrls: [],
  };
}
