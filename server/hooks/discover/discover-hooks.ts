/** The hooks that are configured for a folder or a thread (docs/protocol/services.md §6). */
import { ConfigError } from '../../errors/config-error.js';
import { featureOn } from '../../config/shape/features.js';
import type { HookMetadata, HooksListEntry } from '../../../schema/protocol/services/hooks.js';
import type { ResolvedConfig } from '../../config/settings/resolved-config.js';
import { withFolders } from '../plugin-folders.js';
import { mayRun, type RunnableHook } from '../runnable-hook.js';
import { hooksOf, type FoundHook } from './found-hooks.js';
import { hookDeclarations, type Declaration } from './hook-sources.js';
import { judged, MANAGED, trustEntries } from './hook-trust.js';

/** What was read at one moment. Immutable: what runs later is what was judged here. */
export interface HookSet {
  /** As `hooks/list` shows them, in its order. */
  readonly hooks: readonly HookMetadata[];
  /** One sentence for each thing that is wrong; the hooks in question do not run. */
  readonly warnings: readonly string[];
  /** Why hooks that the administrator requires cannot run; if there are any, no thread may run. */
  readonly failures: readonly string[];
  /** Whether enabled hooks run without a person's trust. */
  readonly bypassesTrust: boolean;
  /** Those that may run, in the order of `hooks`: they are what a thread runs, and nothing else is. */
  readonly runnable: readonly RunnableHook[];
}

export interface Discovery {
  /** `--dangerously-bypass-hook-trust`. */
  readonly bypassesTrust?: boolean;
  /** What plugins bring (plugins/all-hooks.ts). */
  readonly plugins?: { readonly declarations: readonly Declaration[]; readonly warnings: readonly string[] };
}

const NO_PLUGINS = { declarations: [], warnings: [] };

/** Reads the files of the layers. Never throws. */
export function discoverHooks(
  config: ResolvedConfig,
  { bypassesTrust = false, plugins: brought = NO_PLUGINS }: Discovery = {},
): HookSet {
  const { effective } = config;
  const on = hooksOn(config);
  const all = hookDeclarations(config);
  const plugins = onlyManaged(config) ? NO_PLUGINS : brought;
  // Only the administrator can switch off what the administrator requires.
  const declarations =
    on === 'required'
      ? all.declarations.filter(({ isRequired }) => isRequired)
      : [...all.declarations, ...plugins.declarations];
  const entries = trustEntries(effective.layers);
  const failures = [...all.failures];
  const warnings = on === 'all' ? [...all.warnings, ...plugins.warnings] : [];
  const hooks: HookMetadata[] = [];
  const runnable: RunnableHook[] = [];
  for (const declaration of on === 'none' ? [] : declarations) {
    const found = hooksOf(declaration);
    warnings.push(...found.warnings);
    if (declaration.isRequired) failures.push(...found.skipped);
    for (const hook of found.hooks) {
      const shown = metadata(hook, declaration, hooks.length, entries);
      hooks.push(shown);
      if (mayRun(shown, bypassesTrust)) runnable.push(runnableOf(hook, shown, declaration));
    }
  }
  return {
    hooks,
    warnings,
    failures: on === 'none' ? [] : failures,
    bypassesTrust,
    runnable,
  };
}

/** Which hooks count with the feature `hooks` as it is. */
function hooksOn({ effective: { table, problem }, requirements }: ResolvedConfig): 'all' | 'required' | 'none' {
  if (requirements instanceof ConfigError || problem !== null) return 'none';
  const pinned = requirements.features?.hooks;
  if (pinned !== undefined) return pinned ? 'all' : 'none';
  return featureOn(table, 'hooks') ? 'all' : 'required';
}

function metadata(
  hook: FoundHook,
  { source, sourcePath, isManaged, plugin }: Declaration,
  displayOrder: number,
  entries: ReturnType<typeof trustEntries>,
): HookMetadata {
  const { key, eventName, matcher, timeoutSec, statusMessage, additionalContextLimit } = hook;
  // Trust in a hook of a plugin is trust in the plugin's files as well.
  const currentHash = plugin === undefined ? hook.currentHash : `${hook.currentHash}/${plugin.contentHash}`;
  return {
    key,
    eventName,
    ...(hook.handlerType === 'command'
      ? { handlerType: hook.handlerType, command: commandOf(hook.command, plugin), async: hook.async }
      : { handlerType: hook.handlerType, server: hook.server, tool: hook.tool }),
    matcher,
    timeoutSec,
    statusMessage,
    additionalContextLimit,
    sourcePath,
    source,
    pluginId: plugin?.id ?? null,
    environmentId: null,
    displayOrder,
    isManaged,
    currentHash,
    ...(isManaged ? MANAGED : judged(entries, key, currentHash)),
  };
}

function runnableOf(
  hook: FoundHook,
  { source, sourcePath, displayOrder, isManaged }: HookMetadata,
  { plugin: brought }: Declaration,
): RunnableHook {
  const { currentHash: _hash, ...rest } = hook;
  const plugin = brought ?? null;
  const common = { source, sourcePath, plugin, displayOrder, isManaged };
  return rest.handlerType === 'command'
    ? { ...rest, ...common, command: commandOf(rest.command, brought) }
    : { ...rest, ...common };
}

/** As it runs: with the folders of its plugin. What is trusted is the text with their names. */
const commandOf = (command: string, plugin: Declaration['plugin']): string =>
  plugin === undefined ? command : withFolders(command, plugin);

const onlyManaged = ({ requirements }: ResolvedConfig): boolean =>
  !(requirements instanceof ConfigError) && requirements.table.allow_managed_hooks_only === true;

/** Of a thread without any. */
export const NO_HOOKS: HookSet = {
  hooks: [],
  warnings: [],
  failures: [],
  bypassesTrust: false,
  runnable: [],
};

/** For `hooks/list`. */
export const listed = (cwd: string, { hooks, warnings }: HookSet): HooksListEntry => ({
  cwd,
  hooks: [...hooks],
  warnings: [...warnings],
  errors: [],
});
