/** Builds the environment of a command, in the order of docs/protocol/exec.md §3. */
import type { CommandSettings } from '../../config/settings/command-settings.js';
import { childEnvironment } from '../../config/settings/shell-environment.js';
import { spellingsOf } from '../../system/node/environment-names.js';
import { bareObject } from '../../system/node/objects.js';

/** The changes that a request asks for. null removes a name. */
export type EnvironmentChanges = Readonly<Record<string, string | null>>;

/**
 * Applies `[shell_environment_policy]` to the daemon's environment, then the request's changes. The marks that nobody
 * can override are not included; the supervisor adds them last.
 *
 * `sandboxed`: removes the daemon's own credentials, unless the policy's `set` or the request names them
 * (docs/protocol/exec.md §3).
 */
export function commandEnvironment(
  settings: CommandSettings,
  base: Readonly<NodeJS.ProcessEnv>,
  changes: EnvironmentChanges,
  sandboxed: boolean,
): Record<string, string> {
  const env = childEnvironment(settings.shellEnvironment, defined(base));
  if (sandboxed) {
    for (const name of settings.credentialNames)
      if (!spellingsOf(settings.shellEnvironment.set, name).length)
        for (const same of spellingsOf(env, name)) delete env[same];
  }
  return changed(env, changes);
}

/** Returns `env` with `changes` applied. */
export function changed(env: Readonly<Record<string, string>>, changes: EnvironmentChanges): Record<string, string> {
  // Without a prototype, so that a variable can be named __proto__.
  const result = Object.assign(bareObject<string>(), env);
  for (const [name, value] of Object.entries(changes)) {
    for (const same of spellingsOf(result, name)) delete result[same];
    if (value !== null) result[name] = value;
  }
  return result;
}

/** Returns the environment without its unset names. */
export function defined(env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const result = bareObject<string>();
  for (const name in env) {
    const value = env[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}
