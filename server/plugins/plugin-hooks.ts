/** The hooks that plugins bring, as declarations for hooks/discover (docs/protocol/services.md §10 "Hooks"). */
import { messageOf } from '../errors/message-of.js';
import type { Declaration } from '../hooks/discover/hook-sources.js';
import { parseHooksJson } from '../hooks/discover/hooks-json.js';
import { placed } from '../hooks/discover/json-text.js';
import { newTable } from '../config/toml/value.js';
import type { ActivePlugin } from './active-plugins.js';
import { contentHash } from './content-hash.js';
import { MANIFEST_FILES, type PluginManifest } from './plugin-manifest.js';
import { partsInside, pathInside, textInside } from './inside.js';

export interface PluginHooks {
  readonly declarations: readonly Declaration[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** Of installed plugins, in their order. Never throws. */
export function pluginHooks(plugins: readonly ActivePlugin[]): PluginHooks {
  const declarations: Declaration[] = [];
  const warnings: string[] = [];
  for (const plugin of plugins) {
    const { root, manifest, id, data } = plugin;
    const found = declaredHooks(root, manifest);
    warnings.push(...found.warnings);
    if (found.files.length === 0) continue;
    let hash: string;
    try {
      hash = contentHash(root);
    } catch (error) {
      const [first] = found.files;
      warnings.push(
        `skipping plugin hook in ${first?.sourcePath}: failed to fingerprint plugin contents: ${messageOf(error)}`,
      );
      continue;
    }
    for (const { name, sourcePath, events } of found.files) {
      declarations.push({
        source: 'plugin',
        sourcePath,
        isManaged: false,
        isRequired: false,
        events,
        plugin: { id, root, data, contentHash: hash, keyPath: `${id}:${name}` },
      });
    }
  }
  return { declarations, warnings };
}

export interface DeclaredHooks {
  readonly files: readonly {
    /** In keys, behind the plugin's id. */
    readonly name: string;
    readonly sourcePath: string;
    readonly events: Declaration['events'];
  }[];
  readonly warnings: readonly string[];
}

const USUAL = 'hooks/hooks.json';

/** Of a plugin that need not be installed. Never throws. */
export function declaredHooks(root: string, { hooks }: PluginManifest): DeclaredHooks {
  const warnings: string[] = [];
  const files = (hooks ?? [USUAL]).flatMap((declared, index): DeclaredHooks['files'] => {
    const inline = typeof declared !== 'string';
    const name = inline ? `plugin.json#hooks[${index}]` : (partsInside(declared) ?? []).join('/');
    const sourcePath = inline ? (pathInside(root, MANIFEST_FILES[0]) ?? root) : (pathInside(root, declared) ?? root);
    const text = inline ? JSON.stringify(declared) : textOf(root, declared, hooks !== null, sourcePath, warnings);
    if (text === null) return [];
    const parsed = parseHooksJson(text);
    if ('why' in parsed) {
      warnings.push(`failed to parse plugin hooks config ${sourcePath}: ${placed(parsed, text)}`);
      return [];
    }
    const { events } = parsed;
    return Object.keys(events).length === 0 ? [] : [{ name, sourcePath, events: Object.assign(newTable(), events) }];
  });
  return { files, warnings };
}

/** Null: there is nothing to read. Only a file that plugin.json names has to be there. */
function textOf(root: string, name: string, isNamed: boolean, file: string, warnings: string[]): string | null {
  const read = textInside(root, name);
  if (read !== null && 'text' in read) return read.text;
  if (read !== null) warnings.push(`failed to read plugin hooks config ${file}: ${read.fault}`);
  else if (isNamed) warnings.push(`failed to read plugin hooks config ${file}: there is no such file`);
  return null;
}
