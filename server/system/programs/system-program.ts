/**
 * The programs that the daemon itself runs, outside of any sandbox.
 *
 * Threat: a command puts a program of its own where the daemon looks for one of the system's (a folder on PATH inside
 * of the workspace, ~/.local/bin), and the daemon runs it with everything that the user may do.
 * Rule: a program comes from a fixed list of folders; PATH is never asked. Neither the program, nor a link that leads
 * to it, nor a folder on the way may be one that this user can change. A daemon of root, who can change everything,
 * takes what belongs to root and nobody else can write. All run with LAUNCH_ENVIRONMENT (start-program.ts).
 * Scope: what codexd starts for itself. Non-scope: a user's command, which is looked up on that command's own PATH.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import path from 'node:path';
import { isExecutable } from './path-search.js';

declare const trusted: unique symbol;
/** The absolute path of a program that was judged here; nothing else makes one. */
export type TrustedProgram = string & { readonly [trusted]: true };

/** What the daemon runs, and the package that brings it. */
const PACKAGES = {
  bash: 'bash',
  bwrap: 'bubblewrap',
  env: 'coreutils',
  flock: 'util-linux',
  getent: 'libc-bin or musl-utils',
  nsenter: 'util-linux',
  perl: 'perl',
  setsid: 'util-linux',
  sh: 'dash, bash or busybox',
  'systemd-notify': 'systemd',
  unshare: 'util-linux',
} as const;

export type SystemProgramName = keyof typeof PACKAGES;
export const SYSTEM_PROGRAM_NAMES = Object.keys(PACKAGES) as SystemProgramName[];

/** The distribution's own first: AppArmor's profile for bubblewrap is bound to /usr/bin. The last two: NixOS, Guix. */
const SYSTEM_FOLDERS = [
  '/usr/bin',
  '/bin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/run/current-system/sw/bin',
  '/run/current-system/profile/bin',
] as const;

/**
 * All that such a program gets. /usr/local is left out: some distributions let a group write there, and a shell that
 * looks for `grep` judges nobody.
 */
export const LAUNCH_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: SYSTEM_FOLDERS.filter((folder) => !folder.startsWith('/usr/local/')).join(':'),
  LC_ALL: 'C',
};

/** A program of the system that is not there, or that commands could have exchanged. */
export class SystemProgramError extends CodexdError {
  override readonly name = 'SystemProgramError';
  /** What was looked for, where, and why that was not taken. */
  readonly reason: string;
  /** The way out. */
  readonly fix: string;
  constructor(reason: string, fix: string) {
    super('machine.program', `${reason}: ${fix}`);
    this.reason = reason;
    this.fix = fix;
  }
}

/** The first that may be run, by its name in one of the system's folders. Throws SystemProgramError. */
export function systemProgram(name: SystemProgramName): TrustedProgram {
  const known = found.get(name) ?? lookUp(name, SYSTEM_FOLDERS);
  found.set(name, known);
  return known;
}
const found = new Map<SystemProgramName, TrustedProgram>();

/** The same, or null where there is none. */
export function systemProgramIfAny(name: SystemProgramName): TrustedProgram | null {
  try {
    return systemProgram(name);
  } catch (error) {
    if (error instanceof SystemProgramError) return null;
    throw error;
  }
}

/** For the tests: `systemProgram` with the folders given. */
export function lookUp(name: SystemProgramName, folders: readonly string[]): TrustedProgram {
  const refused: string[] = [];
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (!isExecutable(file)) continue;
    const why = whyChangeable(file);
    if (why === null) return file as TrustedProgram;
    refused.push(`${file} is not run, because ${why}`);
  }
  const install = `install ${name} (package ${PACKAGES[name]})`;
  throw refused.length
    ? new SystemProgramError(refused.join('; '), `${install} in a system folder that only root can change`)
    : new SystemProgramError(`${name} was looked for in ${folders.join(', ')} and is in none of them`, install);
}

/**
 * A program that a person named by its absolute path, wherever it lies: it may be that person's own file, since
 * sandboxes keep it as it is (sandbox/policy/own-programs.ts), but nobody else's. Throws SystemProgramError.
 */
export function namedProgram(file: string, namedBy: string): TrustedProgram {
  if (!path.isAbsolute(file) || !isExecutable(file))
    throw new SystemProgramError(`${namedBy}=${file} is not the absolute path of a program`, 'correct or unset it');
  const why = whyChangeable(file, true);
  if (why === null) return file as TrustedProgram;
  throw new SystemProgramError(
    `${namedBy}=${file} is not run, because ${why}`,
    'name a program that only its owner can change',
  );
}

/** Why somebody could exchange it; null: only root can. `byOwner`: what belongs to this user alone passes as well. */
function whyChangeable(file: string, byOwner = false): string | null {
  for (const step of stepsTo(file)) {
    const stats = fs.lstatSync(step);
    const why = ownerProblem(stats.uid, byOwner) ?? (keepsEntries(stats) ? null : writerProblem(step, stats, byOwner));
    if (why !== null) return `${step} ${why}`;
  }
  return null;
}

/** In a sticky folder only their owners can exchange what lies there (unlink(2)); a link's own mode means nothing. */
const keepsEntries = (stats: fs.Stats): boolean =>
  stats.isSymbolicLink() || (stats.isDirectory() && (stats.mode & 0o1000) !== 0);

function ownerProblem(owner: number, byOwner: boolean): string | null {
  const self = process.geteuid?.() ?? 0;
  if (owner === 0 || (owner === self && byOwner)) return null;
  if (owner === self) return 'belongs to this user, whose commands can change it';
  // Another account's file: root does not run it, and nobody runs it on a word of their own.
  return (self === 0 || byOwner) && !isUnmapped(owner) ? `belongs to the user ${owner}` : null;
}

function writerProblem(step: string, stats: fs.Stats, byOwner: boolean): string | null {
  if (stats.mode & 0o002) return 'can be written by everybody';
  const self = process.geteuid?.() ?? 0;
  if (self === 0 || stats.uid === self) {
    const own = stats.gid === 0 || (byOwner && stats.gid === process.getegid?.());
    return stats.mode & 0o020 && !own ? `can be written by the group ${stats.gid}` : null;
  }
  // The kernel's word, which knows groups and access control lists.
  return mayWrite(step) ? 'can be written by this user' : null;
}

function mayWrite(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * In a user namespace the outer root's files show as the overflow user's (user_namespaces(7)), and nobody in it can be
 * that.
 */
const isUnmapped = (owner: number): boolean => owner === OVERFLOW_UID && !isInitialNamespace();
const OVERFLOW_UID = 65534;

function isInitialNamespace(): boolean {
  try {
    return /^\s*0\s+0\s+4294967295\s*$/.test(fs.readFileSync('/proc/self/uid_map', 'latin1'));
  } catch {
    return true;
  }
}

/** path_resolution(7): every folder and link that is looked at on the way, then the file itself. */
function stepsTo(file: string): string[] {
  const steps = ['/'];
  let at = '/';
  const left = file.split('/');
  for (let links = 0; left.length;) {
    const name = left.shift();
    if (!name || name === '.') continue;
    const next = path.join(at, name);
    steps.push(next);
    if (name !== '..' && fs.lstatSync(next).isSymbolicLink()) {
      if (++links > MAX_LINKS) throw new SystemProgramError(`${file} leads in a circle`, 'mend the link');
      const target = fs.readlinkSync(next);
      if (target.startsWith('/')) at = '/';
      left.unshift(...target.split('/'));
    } else at = next;
  }
  return steps;
}

/** The kernel's own bound (MAXSYMLINKS). */
const MAX_LINKS = 40;
