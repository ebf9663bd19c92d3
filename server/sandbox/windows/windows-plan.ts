/**
 * The confinement of a command on Windows: its own local user, access lists for that user, and a filter on the user's
 * connections.
 *
 * Rule: two users without further rights. `offline` may not connect anywhere. `online` may connect only to the loopback
 * port of the command's lane, unless the host's network is granted. Every mount of a plan becomes an entry at its path.
 * An explicit entry beats inherited ones, so the nearest entry decides, as on Linux. The access list of the parent
 * prevents the creation of a path that must not exist.
 * Non-scope: the registry, and sockets that are files.
 *
 * This module is written and tested as data on every platform. Until it is verified on Windows, the sandbox reports
 * that it is not available there (unavailable.ts).
 */
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';

export interface WindowsPlan {
  readonly user: 'codexd-offline' | 'codexd-online';
  /** Parents come before children. */
  readonly accessList: readonly WindowsEntry[];
  /** The user's connections that are blocked; null: none. */
  readonly blocked: { readonly except: { readonly address: '127.0.0.1'; readonly port: number } | null } | null;
}

export interface WindowsEntry {
  readonly path: string;
  /** `noCreate`: the path's last name, in its parent. */
  readonly effect: 'readOnly' | 'readWrite' | 'deny' | 'noCreate';
}

export type WindowsNetwork =
  | { readonly kind: 'offline' }
  | { readonly kind: 'direct' }
  /** The port of the command's own lane on 127.0.0.1. */
  | { readonly kind: 'lane'; readonly port: number };

/** Throws RangeError for an invalid port. */
export function windowsPlan(plan: SandboxPlan, network: WindowsNetwork): WindowsPlan {
  const missing = new Set(plan.placeholders);
  return {
    user: network.kind === 'offline' ? 'codexd-offline' : 'codexd-online',
    accessList: [...BASE[plan.base], ...plan.mounts.flatMap((mount) => entriesOf(mount, missing))],
    blocked: blockedConnections(network),
  };
}

const BASE: Readonly<Record<SandboxPlan['base'], readonly WindowsEntry[]>> = {
  readable: [{ path: '/', effect: 'readOnly' }],
  writable: [{ path: '/', effect: 'readWrite' }],
  bare: [{ path: '/', effect: 'deny' }],
  unrestricted: [{ path: '/', effect: 'readWrite' }],
};

function entriesOf(mount: PlannedMount, missing: ReadonlySet<string>): readonly WindowsEntry[] {
  const { path } = mount;
  if (missing.has(path)) return [{ path, effect: 'noCreate' }];
  switch (mount.kind) {
    case 'readable':
    case 'empty':
      return [{ path, effect: 'readOnly' }];
    case 'writable':
    case 'device':
      return [{ path, effect: 'readWrite' }];
    case 'hidden':
    case 'privateFolder':
      return [{ path, effect: 'deny' }];
    case 'link':
    case 'folder':
      return [];
  }
}

function blockedConnections(network: WindowsNetwork): WindowsPlan['blocked'] {
  if (network.kind === 'direct') return null;
  if (network.kind === 'offline') return { except: null };
  const { port } = network;
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`${port} is not a port`);
  return { except: { address: '127.0.0.1', port } };
}
