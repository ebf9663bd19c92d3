/**
 * Determines, once, whether this machine can sandbox a command, and otherwise the reason and the remedy.
 *
 * Rule: the probe tests exactly what commands use. It starts a shell in a sandbox that is made like every other one;
 * only that success counts. There is no weaker fallback mode.
 */
import fs from 'node:fs';
import { isTransient, PASSES, TRANSIENT_WORDS } from '../../system/node/os-errors.js';
import { runProgram, type ProgramFailure } from '../../system/programs/start-program.js';
import {
  namedProgram,
  systemProgram,
  SystemProgramError,
  systemProgramIfAny,
  type TrustedProgram,
} from '../../system/programs/system-program.js';
import type { SandboxStatus } from '../policy/sandbox.js';
import { bubblewrapArguments } from './bubblewrap.js';
import { procCovers } from './root-proc.js';
import { launchLine, type Shell } from './launcher.js';
import type { RuntimeFolder } from './runtime-folder.js';

export type ProbeResult =
  | {
      readonly status: Extract<SandboxStatus, { kind: 'bubblewrap' }>;
      readonly shell: Shell;
      /** env(1) can reset a program's signals to their defaults. */
      readonly resetsSignals: boolean;
    }
  | { readonly status: Extract<SandboxStatus, { available: false }> };

/** `--clearenv` and `--perms` came with 0.5.0. */
const OLDEST_VERSION = [0, 5, 0] as const;

/** Throws temporary errors (too many processes or open files). */
export async function probe(folder: RuntimeFolder, env: NodeJS.ProcessEnv = process.env): Promise<ProbeResult> {
  let program: TrustedProgram;
  try {
    program = findBubblewrap(env);
  } catch (error) {
    if (error instanceof SystemProgramError) return unavailable(error.reason, error.fix);
    throw error;
  }
  const [version, shell, resetsSignals] = await Promise.all([versionOf(program), findShell(), envResetsSignals()]);
  if (version === null) {
    return unavailable(`${program} does not answer --version as bubblewrap does`, INSTALL);
  }
  if (isOlder(version)) {
    return unavailable(
      `${program} is bubblewrap ${version}, and ${OLDEST_VERSION.join('.')} or later is needed`,
      'install a newer bubblewrap, or point CODEXD_BWRAP to one',
    );
  }
  if (!shell) {
    return unavailable('no shell was found that can close descriptors above 9 before a command starts', 'install bash');
  }
  const trouble = await tryOut(program, shell, folder);
  if (trouble !== null) {
    const { reason, fix } = explain(trouble, machine());
    return unavailable(reason, fix);
  }
  return { status: { available: true, kind: 'bubblewrap', program, version }, shell, resetsSignals };
}

const unavailable = (reason: string, fix: string): ProbeResult => ({ status: { available: false, reason, fix } });

const INSTALL =
  'install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap; Arch: pacman -S bubblewrap)';

/** CODEXD_BWRAP if set, else the system's. Throws SystemProgramError. */
function findBubblewrap(env: NodeJS.ProcessEnv): TrustedProgram {
  const asked = env.CODEXD_BWRAP;
  if (asked) return namedProgram(asked, 'CODEXD_BWRAP');
  try {
    return systemProgram('bwrap');
  } catch (error) {
    throw error instanceof SystemProgramError ? new SystemProgramError(error.reason, INSTALL) : error;
  }
}

async function versionOf(program: TrustedProgram): Promise<string | null> {
  const { stdout } = await run(program, ['--version']);
  return /^bubblewrap (\d+(?:\.\d+)+)/.exec(stdout)?.[1] ?? null;
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [i, oldest] of OLDEST_VERSION.entries()) {
    const part = parts[i] ?? 0;
    if (part !== oldest) return part < oldest;
  }
  return false;
}

async function findShell(): Promise<Shell | null> {
  const sh = systemProgramIfAny('sh');
  if (sh === null) return null;
  if (await closesAnyDescriptor(sh, [])) return { sh, bash: null };
  const bash = systemProgramIfAny('bash');
  return bash !== null && (await closesAnyDescriptor(bash, ['--norc'])) ? { sh, bash } : null;
}

/** Whether a shell parses `99<&-` as a descriptor, and not as a word. */
async function closesAnyDescriptor(program: TrustedProgram, options: readonly string[]): Promise<boolean> {
  const { failed, stderr } = await run(program, [...options, '-c', 'exec 99<&-']);
  return !failed && stderr === '';
}

async function envResetsSignals(): Promise<boolean> {
  const [env, sh] = [systemProgramIfAny('env'), systemProgramIfAny('sh')];
  if (env === null || sh === null) return false;
  return !(await run(env, ['--default-signal=INT,QUIT', '--', sh, '-c', ':'])).failed;
}

/** Returns bubblewrap's error message, or null. */
async function tryOut(program: TrustedProgram, shell: Shell, folder: RuntimeFolder): Promise<string | null> {
  const launch = folder.launchFile(
    bubblewrapArguments({
      plan: {
        base: 'readable',
        mounts: [],
        placeholders: [],
        workingFolder: '/',
        writable: [],
        unwanted: [],
        sees: () => true,
      },
      masks: folder,
      env: { PATH: '/usr/bin:/bin' },
      unshareNetwork: true,
      newSession: true,
      procCovers: process.getuid?.() === 0 ? procCovers() : [],
      replaced: [],
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
    }),
  );
  try {
    const { file, args } = launchLine(shell, {
      bubblewrap: [program],
      argumentsFile: launch.path,
      filterFile: folder.filters.offline,
      command: ['/bin/sh', '-c', LOOK_AROUND],
      ignoreInterrupts: false,
    });
    const { failed, stdout, stderr } = await run(file, args);
    if (failed || stdout === '') return stderr.trim() || 'it ended without a word';
    return isInside(stdout) ? null : 'nothing: it ran a program without the sandbox that it was asked for';
  } finally {
    launch.remove();
  }
}

/** Only built-ins: the shell's pid, and the kernel's view of its privileges (proc(5), `status`). */
const LOOK_AROUND = `echo "pid $$"
while read -r name value; do
  case $name in CapEff: | NoNewPrivs: | Seccomp:) echo "$name $value" ;; esac
done < /proc/self/status`;

/**
 * Whether the output comes from inside a sandbox. Some images contain a `bwrap` that only executes its command, for
 * programs that insist on it. A line that an old kernel lacks is not required.
 */
function isInside(seen: string): boolean {
  const [pid, ...privileges] = seen.trim().split('\n');
  const none = /^(?:CapEff: 0+|NoNewPrivs: 1|Seccomp: 2)$/;
  return /^pid [1-9]$/.test(pid ?? '') && privileges.length > 0 && privileges.every((line) => none.test(line));
}

/** A probe that hangs counts as failed. */
const PROBE_TIMEOUT_MS = 10_000;

async function run(
  file: TrustedProgram,
  args: readonly string[],
): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  const { error, stdout, stderr } = await runProgram(file, args, PROBE_TIMEOUT_MS);
  if (error !== null && isTransient(error)) throw error; // This error says nothing about the program.
  return { failed: error !== null, stdout, stderr: error && !stderr ? describe(error) : stderr };
}

/** Not Node's own text, which repeats the whole command. */
function describe({ code, signal, message }: ProgramFailure): string {
  if (typeof code === 'number') return `exit code ${code} and no message`;
  return signal ? `it was ended by ${signal}` : message;
}

/** Facts about the machine, collected when a sandbox could not be made. */
export interface Machine {
  readonly container: boolean;
  readonly wsl1: boolean;
  /** Values of files in /proc/sys, without line ends; absent where the kernel has no such file. */
  readonly sysctl: Readonly<Record<string, string | undefined>>;
}

export function machine(): Machine {
  const names = [
    'user/max_user_namespaces',
    'kernel/unprivileged_userns_clone',
    'kernel/apparmor_restrict_unprivileged_userns',
  ];
  const version = readText('/proc/version') ?? '';
  return {
    container:
      fs.existsSync('/.dockerenv') || fs.existsSync('/run/.containerenv') || process.env.container !== undefined,
    // WSL 2 says `microsoft-standard`. WSL 1 has no Linux kernel and so no namespaces.
    wsl1: /Microsoft/.test(version) && !/microsoft-standard/i.test(version),
    sysctl: Object.fromEntries(names.map((name) => [name, readText(`/proc/sys/${name}`)?.trim()])),
  };
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

interface Explanation {
  /** Matched against bubblewrap's message. */
  readonly said: RegExp;
  /** Also matched against the machine, when present. */
  readonly on?: (machine: Machine) => boolean;
  readonly because: string;
  readonly fix: string;
}

const NO_NAMESPACE =
  /creating new namespace failed|No permissions to create (a )?new namespace|setting up uid map|unshare user ns/i;
const CONTAINER_FIX =
  'run the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined (Docker, Podman), or let the container be the sandbox: `externalSandbox`';

/** The first matching row applies. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    said: TRANSIENT_WORDS,
    because: 'the machine has no more processes, memory or descriptors to give',
    fix: PASSES,
  },
  {
    said: /./,
    on: ({ wsl1 }) => wsl1,
    because: 'WSL 1 has no namespaces',
    fix: 'convert the distribution to WSL 2 (wsl --set-version NAME 2)',
  },
  {
    said: NO_NAMESPACE,
    on: ({ sysctl }) => sysctl['user/max_user_namespaces'] === '0',
    because: 'user.max_user_namespaces is 0: user namespaces are switched off',
    fix: 'sudo sysctl user.max_user_namespaces=15000',
  },
  {
    said: NO_NAMESPACE,
    on: ({ sysctl }) => sysctl['kernel/unprivileged_userns_clone'] === '0',
    because: 'kernel.unprivileged_userns_clone is 0: only root may make user namespaces',
    fix: 'sudo sysctl kernel.unprivileged_userns_clone=1',
  },
  {
    said: NO_NAMESPACE,
    on: ({ sysctl }) => sysctl['kernel/apparmor_restrict_unprivileged_userns'] === '1',
    because: 'AppArmor lets only programs with a profile of their own make user namespaces',
    fix: "install the distribution's AppArmor profile for /usr/bin/bwrap (Ubuntu: apparmor-profiles, file bwrap-userns-restrict), or sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
  },
  {
    said: NO_NAMESPACE,
    on: ({ container }) => container,
    because: 'this container does not let its processes make user namespaces',
    fix: CONTAINER_FIX,
  },
  {
    said: NO_NAMESPACE,
    because: 'the kernel does not let this user make user namespaces',
    fix: 'enable them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or use a kernel that has CONFIG_USER_NS',
  },
  {
    said: /mount proc/i,
    because: 'a new /proc cannot be mounted, because parts of the /proc around it are masked',
    fix: CONTAINER_FIX,
  },
  { said: /loopback: /i, because: "the sandbox's own network interface cannot be set up", fix: CONTAINER_FIX },
  {
    said: /PR_SET_SECCOMP|seccomp/i,
    because: 'the kernel does not take a seccomp filter',
    fix: 'use a kernel with CONFIG_SECCOMP_FILTER',
  },
  {
    said: /remount(ing)? (readonly|.*read-only)|Can't bind mount/i,
    because: 'one of the mounted file systems cannot be made read-only',
    fix: 'unmount the one that is named (WSL: /mnt/wslg/distro), or keep it out of the sandbox with a permission profile that does not grant ":root"',
  },
];

/** Exported for the tests. */
export function explain(said: string, on: Machine): { reason: string; fix: string } {
  const row = EXPLANATIONS.find((candidate) => candidate.said.test(said) && (candidate.on?.(on) ?? true));
  const quoted = `bubblewrap said: ${said.split('\n').slice(-3).join(' / ')}`;
  return row
    ? { reason: `${row.because} (${quoted})`, fix: row.fix }
    : {
        reason: `a sandbox could not be made (${quoted})`,
        fix: 'make `bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all true` work for this user',
      };
}
