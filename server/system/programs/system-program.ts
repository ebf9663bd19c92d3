/**
 * The programs that the daemon itself runs, outside all sandboxes.
 *
 * Threat: a command puts a program into a folder in which the daemon searches (a folder of PATH in the workspace,
 * ~/.local/bin), and the daemon runs it with all rights of the user.
 * Rule: programs come from a fixed list of folders; PATH is not used. This user must not be able to change the program,
 * a link to it, or a folder on its path. A daemon of root accepts only files that belong to root and that no other user
 * can write. All programs run with LAUNCH_ENVIRONMENT (start-program.ts).
 * Scope: programs that codexd starts for itself. Non-scope: a user's command, which is searched on the command's PATH.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import path from 'node:path';
import { isExecutable } from './path-search.js';

declare const trusted: unique symbol;
/** The absolute path of a program that was checked here; only this file makes such values. */
export type TrustedProgram = string & { readonly [trusted]: true };

/** The programs that the daemon runs, each with its package. */
const PACKAGES = {
  bash: 'bash',
  bwrap: 'bubblewrap',
  dash: 'dash',
  env: 'coreutils',
  flock: 'util-linux',
  getent: 'libc-bin or musl-utils',
  git: 'git',
  nsenter: 'util-linux',
  perl: 'perl',
  'sandbox-exec': 'part of macOS',
  setsid: 'util-linux',
  sh: 'dash, bash or busybox',
  'systemd-notify': 'systemd',
  unshare: 'util-linux',
} as const;

export type SystemProgramName = keyof typeof PACKAGES;
export const SYSTEM_PROGRAM_NAMES = Object.keys(PACKAGES) as SystemProgramName[];

/** Folders of the distribution first: AppArmor's profile for bubblewrap names /usr/bin. The last two: NixOS, Guix. */
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
 * The whole environment of such a program. PATH is without /usr/local: in some distributions a group can write there,
 * and a shell that searches for `grep` does not check that.
 */
export const LAUNCH_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: SYSTEM_FOLDERS.filter((folder) => !folder.startsWith('/usr/local/')).join(':'),
  LC_ALL: 'C',
};

/** A program of the system is missing, or commands could have replaced it. */
export class SystemProgramError extends CodexdError {
  override readonly name = 'SystemProgramError';
  /** The name, the searched folders, and why a found file was refused. */
  readonly reason: string;
  /** What to do. */
  readonly fix: string;
  constructor(reason: string, fix: string) {
    super('machine.program', `${reason}: ${fix}`);
    this.reason = reason;
    this.fix = fix;
  }
}

/** The first program of that name in the system's folders that may be run. Throws SystemProgramError. */
export function systemProgram(name: SystemProgramName): TrustedProgram {
  const known = found.get(name) ?? lookUp(name, SYSTEM_FOLDERS);
  found.set(name, known);
  return known;
}
const found = new Map<SystemProgramName, TrustedProgram>();

/** As systemProgram; null: there is none. */
export function systemProgramIfAny(name: SystemProgramName): TrustedProgram | null {
  try {
    return systemProgram(name);
  } catch (error) {
    if (error instanceof SystemProgramError) return null;
    throw error;
  }
}

/** For tests: `systemProgram` with other folders. */
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
 * A program that the user names by its absolute path, in any folder. It may belong to the user, because sandboxes
 * protect it (sandbox/policy/own-programs.ts), but not to another user. Throws SystemProgramError.
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

/** Why a non-root user could replace the file; null: only root can. `byOwner`: this user's own files pass as well. */
function whyChangeable(file: string, byOwner = false): string | null {
  for (const step of stepsTo(file)) {
    const stats = fs.lstatSync(step);
    const why = ownerProblem(stats.uid, byOwner) ?? (keepsEntries(stats) ? null : writerProblem(step, stats, byOwner));
    if (why !== null) return `${step} ${why}`;
  }
  return null;
}

/** In a sticky folder only the owner of a file can replace it (unlink(2)); the mode of a link has no meaning. */
const keepsEntries = (stats: fs.Stats): boolean =>
  stats.isSymbolicLink() || (stats.isDirectory() && (stats.mode & 0o1000) !== 0);

function ownerProblem(owner: number, byOwner: boolean): string | null {
  const self = process.geteuid?.() ?? 0;
  if (owner === 0 || (owner === self && byOwner)) return null;
  if (owner === self) return 'belongs to this user, whose commands can change it';
  // A file of another user: neither root nor this user runs it.
  return (self === 0 || byOwner) && !isUnmapped(owner) ? `belongs to the user ${owner}` : null;
}

function writerProblem(step: string, stats: fs.Stats, byOwner: boolean): string | null {
  if (stats.mode & 0o002) return 'can be written by everybody';
  const self = process.geteuid?.() ?? 0;
  if (self === 0 || stats.uid === self) {
    const own = stats.gid === 0 || (byOwner && stats.gid === process.getegid?.());
    return stats.mode & 0o020 && !own ? `can be written by the group ${stats.gid}` : null;
  }
  // The kernel decides, because it knows groups and access control lists.
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

/** path_resolution(7): every folder and link on the path, then the file itself. */
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

/** The limit of the kernel (MAXSYMLINKS). */
const MAX_LINKS = 40;
