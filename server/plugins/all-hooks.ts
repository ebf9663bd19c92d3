/** All hooks of a configuration: those of its files, and those of its plugins. */
import type { ResolvedConfig } from '../config/settings/resolved-config.js';
import { discoverHooks, type HookSet } from '../hooks/discover/discover-hooks.js';
import { activePlugins } from './active-plugins.js';
import { pluginHooks } from './plugin-hooks.js';

interface Wishes {
  /** `--dangerously-bypass-hook-trust`. */
  readonly bypassesTrust?: boolean;
  /** Ids of plugins that the thread does without. */
  readonly disabledPlugins?: readonly string[];
}

/** Reads the files of the layers and of the plugins. Never throws. */
export function allHooks(config: ResolvedConfig, { bypassesTrust = false, disabledPlugins }: Wishes = {}): HookSet {
  return discoverHooks(config, { bypassesTrust, plugins: pluginHooks(activePlugins(config, disabledPlugins)) });
}
