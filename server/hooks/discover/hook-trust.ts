/**
 * Whether a hook may run: an administrator's always, another one if a person trusts it as it is written now.
 *
 * Threat: a cloned repository, or a command in a folder, brings a program that runs outside of the sandbox, or changes
 * one that a person has trusted: the file between the person's look and the run, the definition under the same key, an
 * entry of trust in its own file, or a file whose name looks like the key of another one.
 * Rule: the entry under `[hooks.state]` of the user's own files, the command line or a thread's `config` decides; those
 * of projects, and of the machine's file, do not count. It has the hash of the definition that was looked at. The hash
 * is made of the same text that runs later: a thread keeps what it read, so no file is read again between hash and run.
 * The key is compared byte by byte, with the path as the layer was found: another spelling of it (case, links, `..`) is
 * another key, which nobody trusts. A key is ambiguous only for paths that contain `:event:0:0`; the hash counts even
 * then. What is unknown is untrusted.
 * Scope: hooks in hooks.json and config.toml of every layer. Non-scope: programs that the command of a hook starts,
 * which the hash does not cover: a trusted `./check.sh` is whatever is in that file; and processes of the same user,
 * which can write the user's config.toml outside of a sandbox.
 */
import type { HookTrustStatus } from '../../../schema/protocol/services/hooks.js';
import { tableAt, type TomlTable } from '../../config/toml/value.js';
import { mergeLayers } from '../../config/layers/merge.js';
import type { Layer } from '../../config/layers/layer.js';

/** `[hooks.state]` of the layers that people write for themselves. */
export function trustEntries(layers: readonly Layer[]): TomlTable {
  const own = layers.filter(({ name }) => name.type === 'user' || name.type === 'sessionFlags');
  return tableAt(tableAt(mergeLayers(own), 'hooks'), 'state');
}

export interface Judged {
  readonly enabled: boolean;
  readonly trustStatus: HookTrustStatus;
}

/** Of a hook that is no administrator's. */
export function judged(entries: TomlTable, key: string, currentHash: string): Judged {
  const { enabled, trusted_hash: hash } = Object.hasOwn(entries, key) ? tableAt(entries, key) : {};
  const trustStatus = typeof hash !== 'string' ? 'untrusted' : hash === currentHash ? 'trusted' : 'modified';
  return { enabled: enabled !== false, trustStatus };
}

/** An administrator's hook cannot be switched off. */
export const MANAGED: Judged = { enabled: true, trustStatus: 'managed' };
