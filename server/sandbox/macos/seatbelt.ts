/**
 * Translates a plan into a Seatbelt policy and the arguments of sandbox-exec(1).
 *
 * Rule: everything is denied that is not allowed below. Of the matching rules, the last one decides. So a plan's
 * mounts, with parents before children, become rules in the same order. Missing paths need no placeholder, because a
 * rule is about names. In a lane, only the command's own loopback port can be reached.
 * Non-scope: pid and mount namespaces, which macOS lacks; the existence of hidden paths is visible.
 *
 * This module is written and tested as data on every platform. Until it is verified on macOS, the sandbox reports that
 * it is not available there (unavailable.ts).
 */
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';

export type SeatbeltNetwork =
  | { readonly kind: 'offline' }
  | { readonly kind: 'direct' }
  /** The port of the command's own lane on 127.0.0.1. */
  | { readonly kind: 'lane'; readonly port: number };

export interface SeatbeltLaunch {
  readonly file: string;
  readonly args: readonly string[];
}

/** An absolute path: the one in PATH could be any program. */
const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

/** Throws RangeError for an invalid port. */
export function seatbeltLaunch(plan: SandboxPlan, network: SeatbeltNetwork, argv: readonly string[]): SeatbeltLaunch {
  return { file: SANDBOX_EXEC, args: ['-p', seatbeltPolicy(plan, network), '--', ...argv] };
}

/** Returns the policy's text, in the language of sandbox(7). */
export function seatbeltPolicy(plan: SandboxPlan, network: SeatbeltNetwork): string {
  return [...PROCESS_RULES, ...BASE[plan.base], ...plan.mounts.flatMap(fileRules), ...networkRules(network)].join('\n');
}

const PROCESS_RULES: readonly string[] = [
  '(version 1)',
  '(deny default)',
  '(allow process-exec process-fork)',
  '(allow signal (target same-sandbox))',
  '(allow process-info* (target same-sandbox))',
  '(allow sysctl-read)',
  '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))',
  '(allow ipc-posix-sem)',
  '(allow pseudo-tty)',
];

/** The files that programs need to start, and the devices that every sandbox has. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/System', '/Library', '/private/etc', '/private/var/db/timezone'];
const DEVICES: readonly string[] = [
  '(allow file-read* file-write-data file-ioctl (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))',
  '(allow file-read* (literal "/dev/random") (literal "/dev/urandom") (literal "/dev/fd") (subpath "/dev/fd"))',
  '(allow file-read* file-write* file-ioctl (regex #"^/dev/ttys[0-9]+$") (literal "/dev/ptmx"))',
];

const BASE: Readonly<Record<SandboxPlan['base'], readonly string[]>> = {
  readable: ['(allow file-read*)', ...DEVICES],
  writable: ['(allow file-read* file-write*)', ...DEVICES],
  // Path lookups read the root folder's metadata. System programs need the shared library cache.
  bare: [
    '(allow file-read-metadata)',
    `(allow file-read* (literal "/") ${SYSTEM_FOLDERS.map(subpath).join(' ')})`,
    ...DEVICES,
  ],
  unrestricted: ['(allow file*)'],
};

function fileRules(mount: PlannedMount): readonly string[] {
  const place = subpath(mount.path);
  switch (mount.kind) {
    case 'readable':
      return [`(allow file-read* ${place})`, `(deny file-write* ${place})`];
    case 'writable':
      return [`(allow file-read* file-write* ${place})`];
    case 'device':
      return [`(allow file-read* file-write* file-ioctl ${place})`];
    case 'empty':
      return [`(deny file-write* ${place})`];
    case 'hidden':
      return [`(deny file-read* file-write* ${place})`];
    case 'privateFolder':
      return [
        `(deny file-read* file-write* ${place})`,
        ...(mount.listable ? [`(allow file-read* (literal ${quote(mount.path)}))`] : []),
      ];
    // The host's own links and folders stay visible.
    case 'link':
    case 'folder':
      return [];
  }
}

function networkRules(network: SeatbeltNetwork): readonly string[] {
  switch (network.kind) {
    case 'offline':
      return [];
    case 'direct':
      return ['(allow network*)', '(allow system-socket)'];
    case 'lane': {
      const { port } = network;
      if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`${port} is not a port`);
      return [`(allow network-outbound (remote ip "localhost:${port}"))`];
    }
  }
}

function subpath(place: string): string {
  return `(subpath ${quote(place)})`;
}

/** Quotes a string of the policy language, so that a path cannot end the string and continue as rules. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
