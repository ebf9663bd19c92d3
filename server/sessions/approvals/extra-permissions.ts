/**
 * Permissions in addition to the turn's, which the model requested and a person granted (docs/protocol/turns.md §4
 * "request_permissions").
 *
 * Threat: a grant is wider than the request, or than the managed requirements allow; a grant outlives its turn or
 * reaches another thread. Rule: only the requested part of the answer is granted, path by path. It is added to the
 * profile as entries of single paths. So denied paths below them stay denied, and the paths that every sandbox protects
 * stay protected. A profile that the requirements forbid is never used. Non-scope: the reachable hosts: the network
 * policy stays in force.
 */
import path from 'node:path';
import type { AdditionalPermissionProfile } from '../../../schema/protocol/common/permissions.js';
import type { ServerRequestResult } from '../../../schema/registry.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { paths as local } from '../../system/files/paths.js';
import { ConfigError } from '../../errors/config-error.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { ExtraPermissions } from '../runtime/grants.js';
import type { ThreadState } from '../runtime/thread-state.js';
import { readMembers, argumentError } from '../tool-types/tool-arguments.js';

/** The form of a client's answer. */
type GrantedPermissions = ServerRequestResult<'item/permissions/requestApproval'>['permissions'];

/** Reads a tool's arguments; relative paths are below `cwd`. Throws `tool.arguments`. */
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

/** The form that clients receive. */
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

/** The part of an answer that was requested: the same paths, or paths below them. */
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
        .filter((one) => local.isAbsolute(one))
        .map((one) => path.resolve(one))
        .filter((one) => roots.some((root) => local.covers(root, one))),
    ),
  ];
  return {
    network: asked.network && answer.network?.enabled === true,
    read: within(of(files?.read, 'read'), [...asked.read, ...asked.write]),
    write: within(of(files?.write, 'write'), asked.write),
  };
}

/** The state with extra permissions. Throws ConfigError if the requirements forbid the result. */
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
  // The settings compare profiles by identity: extra files must not change the network.
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

/** The turn's state with all grants of the thread and of the turn. */
export function withGrants(
  { runtime: ofThread }: TurnThread,
  { runtime: ofTurn }: WorkTurn,
  state: ThreadState,
): ThreadState {
  return [...ofThread.grants.all(), ...ofTurn.grants.all()].reduce((wider, extra) => {
    try {
      return widened(wider, extra);
    } catch (error) {
      // The requirements have changed since: grants that they forbid now do not count.
      if (error instanceof ConfigError) return wider;
      throw error;
    }
  }, state);
}
