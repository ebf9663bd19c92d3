/** The hooks that a thread keeps (docs/protocol/services.md §6 "When hooks are read"). */
import { ConfigError } from '../../errors/config-error.js';
import { internalError } from '../../errors/rpc-error.js';
import { discoverHooks, type HookSet } from '../../hooks/discover/discover-hooks.js';
import type { ActivePlugin } from '../../plugins/active-plugins.js';
import { pluginHooks } from '../../plugins/plugin-hooks.js';
import type { ResolvedConfig } from '../../config/settings/resolved-config.js';

type Config = Readonly<Record<string, unknown>>;

/** A key of a request's `config` only: no file can have it, so no repository can. */
const BYPASS = 'bypass_hook_trust';

/** The rest of a request's `config`. */
export function withoutBypass({ [BYPASS]: _bypass, ...config }: Config): Config {
  return config;
}

/** Whether the request wants enabled hooks to run without trust. Throws ConfigError. */
export function asksForBypass({ [BYPASS]: value }: Config): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new ConfigError(`\`${BYPASS}\` override must be a boolean`);
  return value;
}

interface Reading {
  readonly bypassesTrust: boolean;
  readonly plugins: readonly ActivePlugin[];
  /** For the error: what is done with the thread. */
  readonly how: string;
}

/** Throws RpcError if a hook that the administrator requires cannot run: then no thread may. */
export function threadHooks(config: ResolvedConfig, { bypassesTrust, plugins, how }: Reading): HookSet {
  const hooks = discoverHooks(config, { bypassesTrust, plugins: pluginHooks(plugins) });
  if (hooks.failures.length === 0) return hooks;
  const why = hooks.failures.join('; ');
  throw internalError(
    `error ${how} thread: Fatal error: Failed to initialize session: failed to load required managed hooks: ${why}`,
  );
}

/** Texts of `warning` notifications, when a thread is loaded. */
export function hookWarnings({ bypassesTrust, warnings }: HookSet): readonly string[] {
  return [...(bypassesTrust ? [BYPASSED] : []), ...warnings];
}

const BYPASSED =
  '`--dangerously-bypass-hook-trust` is enabled. Enabled hooks may run without review for this invocation.';
