/**
 * Permissions beside those of the turn, that the model asked for and a person granted (docs/protocol/turns.md §4
 * "request_permissions").
 *
 * Threat: a grant that is wider than what was asked, or than what the managed requirements allow; one that outlives its
 * turn or reaches another thread.
 * Rule: what is granted is the part of the answer that was asked for, path by path; it is added to the profile as
 * entries of single paths, so that what is denied below them and what every sandbox protects stays so; a profile that
 * requirements do not allow is never used. Non-scope: which hosts may be reached: the network policy holds as ever.
 */
import path from 'node:path';
import type { AdditionalPermissionProfile } from '../../../schema/protocol/common/permissions.js';
import type { ServerRequestResult } from '../../../schema/registry.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { ConfigError } from '../../errors/config-error.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { ExtraPermissions } from '../runtime/grants.js';
import type { ThreadState } from '../runtime/thread-state.js';
import { readMembers, argumentError } from '../tool-types/arguments.js';

/** As a client answers. */
type GrantedPermissions = ServerRequestResult<'item/permissions/requestApproval'>['permissions'];

/** As a tool's arguments say it; relative paths are below `cwd`. Throws `tool.arguments`. */
export function readExtra(value: unknown, cwd: string): ExtraPermissions {
  const { network, file_system: files } = readMembers(value, {
    network: { kind: 'object' },
    file_system: { kind: 'object' },
  });
  const { enabled } = readMembers(network ?? {}, { enabled: { kind: 'boolean' } });
  const { read, write } = readMembers(files ?? {}, { read: { kind: 'strings' }, write: { kind: 'strings' } });
  const absolute = (paths: readonly string[] | null): string[] =>
    [...new Set(paths ?? [])].map((one) => {
      if (one === '' || one.includes('\0')) throw argumentError(`not a path: ${JSON.stringify(one)}`);
      return path.resolve(cwd, one);
    });
  return { network: enabled === true, read: absolute(read), write: absolute(write) };
}

export const isNothing = ({ network, read, write }: ExtraPermissions): boolean =>
  !network && read.length === 0 && write.length === 0;

/** As clients are shown it. */
export function wireExtra({ network, read, write }: ExtraPermissions): AdditionalPermissionProfile {
  const entries = [
    ...read.map((one) => ({ path: { type: 'path' as const, path: one }, access: 'read' as const })),
    ...write.map((one) => ({ path: { type: 'path' as const, path: one }, access: 'write' as const })),
  ];
  return {
    network: network ? { enabled: true } : null,
    fileSystem:
      entries.length === 0
        ? null
        : { read: read.length ? [...read] : null, write: write.length ? [...write] : null, entries },
  };
}

/** The part of an answer that was asked for: paths that were, or are below one that was. */
export function grantedOf(asked: ExtraPermissions, answer: GrantedPermissions): ExtraPermissions {
  const files = answer.fileSystem;
  const entries = (files?.entries ?? []).flatMap(({ path: at, access }) =>
    at.type === 'path' && access !== 'deny' ? [{ path: at.path, access }] : [],
  );
  const of = (listed: readonly string[] | null | undefined, access: 'read' | 'write'): string[] => [
    ...(listed ?? []),
    ...entries.filter((entry) => entry.access === access).map((entry) => entry.path),
  ];
  const within = (paths: readonly string[], roots: readonly string[]): string[] => [
    ...new Set(
      paths
        .filter((one) => path.isAbsolute(one))
        .map((one) => path.resolve(one))
        .filter((one) => roots.some((root) => one === root || one.startsWith(root === '/' ? '/' : `${root}/`))),
    ),
  ];
  return {
    network: asked.network && answer.network?.enabled === true,
    read: within(of(files?.read, 'read'), [...asked.read, ...asked.write]),
    write: within(of(files?.write, 'write'), asked.write),
  };
}

/** The state with more in it. Throws ConfigError when the requirements do not allow what that comes to. */
export function widened(state: ThreadState, extra: ExtraPermissions): ThreadState {
  if (isNothing(extra)) return state;
  const { profile, settings } = state;
  const { filesystem } = profile;
  const entries = [
    ...extra.read.map((one) => ({ target: { kind: 'path', path: one }, access: 'read' }) as const),
    ...extra.write.map((one) => ({ target: { kind: 'path', path: one }, access: 'write' }) as const),
  ];
  const more: PermissionProfile = {
    ...profile,
    networkEnabled: profile.networkEnabled || extra.network,
    filesystem:
      filesystem.kind === 'unrestricted' ? filesystem : { ...filesystem, entries: [...filesystem.entries, ...entries] },
  };
  settings.assertAllowed(more);
  // Settings know profiles by identity: files make no difference to the network.
  const network = more.networkEnabled === profile.networkEnabled ? profile : { ...profile, networkEnabled: true };
  return {
    ...state,
    profile: more,
    settings: {
      ...settings,
      networkAccess: (asked) => settings.networkAccess(asked === more ? network : asked),
    },
  };
}

/** The turn's state with everything in it that was granted for the thread and for the turn. */
export function withGrants(
  { runtime: ofThread }: TurnThread,
  { runtime: ofTurn }: WorkTurn,
  state: ThreadState,
): ThreadState {
  return [...ofThread.grants.all(), ...ofTurn.grants.all()].reduce((wider, extra) => {
    try {
      return widened(wider, extra);
    } catch (error) {
      // The requirements have changed since: what they forbid now is not had any more.
      if (error instanceof ConfigError) return wider;
      throw error;
    }
  }, state);
}
