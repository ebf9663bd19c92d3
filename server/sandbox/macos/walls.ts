/**
 * The walls that a Mac must show before commands run there: what a canary does inside, and what must come of it.
 *
 * Rule: for everything that a policy denies there is a wall, and for each kind of thing that it allows there is a check
 * that it can be done, since a canary that can do nothing proves nothing.
 * Non-scope: services of the system (launchd, Apple events, the pasteboard): asking them would change the user's Mac.
 */
import path from 'node:path';
import type { SandboxPlan } from '../policy/policy.js';
import type { Act } from './canary-script.js';
import { DATA_VOLUME } from './places.js';

/** Files, listeners and a process that the proof has made outside. */
export interface Scene {
  /** Absolute and real, with everything in `FILES` below it. */
  readonly folder: string;
  /** A port of 127.0.0.1 where this process listens: the lane's. */
  readonly lanePort: number;
  /** Another one, and one where nobody does. */
  readonly otherPort: number;
  readonly closedPort: number;
  /** A unix socket on which this process listens. */
  readonly socket: string;
  /** An address of this machine that is not loopback; null: it has none. */
  readonly address: string | null;
  /** This process, which is outside. */
  readonly pid: number;
}

export interface Wall {
  readonly name: string;
  readonly in: 'offline' | 'lane';
  readonly act: Act;
  /** Whether the act must succeed. */
  readonly allowed: boolean;
  /** Further codes by which a wall holds: what is not there cannot be reached. */
  readonly also?: readonly string[];
}

/** What exists in the scene: folders end with a slash. */
export const FILES: readonly string[] = [
  'work/',
  'work/file',
  'work/old',
  'work/pinned/',
  'work/pinned/git/',
  'work/pinned/git/config',
  'work/Hidden/',
  'work/Hidden/secret',
  'work/Hidden/program',
  'room/',
  'outside/',
  'outside/file',
];

/** The plan under which the walls stand. */
export function scenePlan(folder: string): SandboxPlan {
  const at = (name: string): string => path.join(folder, name);
  return {
    base: 'readable',
    mounts: [
      { kind: 'writable', path: at('room') },
      { kind: 'writable', path: at('work') },
      { kind: 'hidden', path: at('work/Hidden'), of: 'folder' },
      { kind: 'empty', path: at('work/missing') },
      { kind: 'writable', path: at('work/pinned') },
      { kind: 'readable', path: at('work/pinned/git') },
    ],
    placeholders: [at('work/missing')],
    workingFolder: at('work'),
    writable: [at('work')],
    unwanted: [],
    sees: () => true,
  };
}

/** A disk that compares names with case, or has no data volume, has no such name. */
const ABSENT = ['ENOENT'];
/** A file system without clones. */
const NO_CLONES = ['ENOTSUP', 'ENOSYS', 'EINVAL', 'EOPNOTSUPP'];

export function wallsOf({ folder, ...scene }: Scene): readonly Wall[] {
  const at = (name: string): string => path.join(folder, name);
  const may = (name: string, act: Act, where: Wall['in'] = 'offline'): Wall => ({
    name,
    in: where,
    act,
    allowed: true,
  });
  const wall = (name: string, act: Act, also: readonly string[] = [], where: Wall['in'] = 'offline'): Wall => ({
    ...may(name, act, where),
    allowed: false,
    also,
  });
  const act = (does: Act['does'], ...rest: Act['with']): Act => ({ does, with: rest });
  const { lanePort, otherPort, closedPort, socket, address, pid } = scene;
  return [
    may('write in the workspace', act('write', at('work/file'))),
    may('read outside of the workspace', act('read', at('outside/file'))),
    may('rename between two workspaces', act('rename', at('work/old'), at('room/new'))),
    may('start a program', act('run', '/usr/bin/true')),
    wall('write outside of the workspace', act('write', at('outside/file'))),
    wall('read a hidden file', act('read', at('work/Hidden/secret'))),
    wall('read a hidden file by another case', act('read', at('work/hidden/SECRET')), ABSENT),
    wall(
      'read a hidden file by its name on the data volume',
      act('read', `${DATA_VOLUME}${at('work/Hidden/secret')}`),
      ABSENT,
    ),
    wall('start a hidden program', act('run', at('work/Hidden/program'))),
    wall('clone a hidden file', act('clone', at('work/Hidden/secret'), at('work/clone')), NO_CLONES),
    wall('link a hidden file', act('link', at('work/Hidden/secret'), at('work/link'))),
    wall('write a read-only file', act('write', at('work/pinned/git/config'))),
    wall('write a read-only file by another case', act('write', at('work/pinned/GIT/Config')), ABSENT),
    wall(
      'write a read-only file by its name on the data volume',
      act('write', `${DATA_VOLUME}${at('work/pinned/git/config')}`),
      ABSENT,
    ),
    wall('link a read-only file', act('link', at('work/pinned/git/config'), at('work/link2'))),
    wall('create a protected name', act('create', at('work/missing'))),
    wall('create a protected name by another case', act('create', at('work/MISSING'))),
    wall('create a protected name by another letter', act('create', at('work/mi\u017f\u017fing'))),
    wall('rename a pinned folder', act('rename', at('work/pinned'), at('work/moved'))),
    wall('rename the workspace', act('rename', at('work'), at('room/moved'))),
    wall('signal a process outside', act('signal', pid)),
    wall('connect to a port of this machine', act('tcp', '127.0.0.1', otherPort)),
    wall('connect to a port where nobody listens', act('tcp', '127.0.0.1', closedPort)),
    wall('connect by IPv6', act('tcp', '::1', closedPort), ['EADDRNOTAVAIL', 'EAFNOSUPPORT']),
    wall('send UDP', act('udp', '127.0.0.1', closedPort)),
    wall('connect to a unix socket', act('unix', socket)),
    wall('ask the resolver', act('unix', '/private/var/run/mDNSResponder'), ABSENT),
    wall('listen', act('listen', '127.0.0.1')),
    ...(address === null ? [] : [wall('connect to an address that is not loopback', act('tcp', address, closedPort))]),
    may('connect to the port of the lane', act('tcp', '127.0.0.1', lanePort), 'lane'),
    wall('connect to another port from a lane', act('tcp', '127.0.0.1', otherPort), [], 'lane'),
    wall('connect to a closed port from a lane', act('tcp', '127.0.0.1', closedPort), [], 'lane'),
    wall('send UDP to the port of the lane', act('udp', '127.0.0.1', lanePort), [], 'lane'),
    wall('connect to a unix socket from a lane', act('unix', socket), [], 'lane'),
    wall('ask the resolver from a lane', act('unix', '/private/var/run/mDNSResponder'), ABSENT, 'lane'),
    ...(address === null
      ? []
      : [wall('connect to an address that is not loopback from a lane', act('tcp', address, lanePort), [], 'lane')]),
  ];
}
