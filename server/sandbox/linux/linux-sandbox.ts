/**
 * The sandbox on Linux: policy → plan → bubblewrap. The decisions are in the named files; this file only connects them.
 */
import { messageOf } from '../../errors/message-of.js';
import type { CodexdError } from '../../errors/codexd-error.js';
import { isCode } from '../../errors/codexd-error.js';
import type { Logger } from '../../log/log.js';
import { createMountTableReader, type MountTable } from '../../system/files/mount-table.js';
import { isTransient, osTroubleText, PASSES } from '../../system/node/os-errors.js';
import { socketsFolder } from '../../system/files/scratch.js';
import { LAUNCH_ENVIRONMENT, systemProgramIfAny } from '../../system/programs/system-program.js';
import { createCommandTimes, type CommandTimes } from './command-times.js';
import { createNestedScanner } from '../policy/nested-protected.js';
import { daemonProgramPlaces } from '../policy/own-programs.js';
import { createPlaceholders, type ClaimedPlaceholders } from './placeholders.js';
import { planSandbox, type SandboxPlan } from '../policy/policy.js';
import { removeUnwanted } from '../policy/unwanted-files.js';
import type { RuleOptions } from '../policy/collect-rules.js';
import {
  type AdvanceFiles,
  type AdvanceSandbox,
  type Sandbox,
  type SandboxedCommand,
  type SandboxRequest,
  type SandboxStatus,
  sandboxRefused,
  isSandboxRefusal,
} from '../policy/sandbox.js';
import { bubblewrapArguments, MAX_ARGUMENTS, sandboxArguments, type BubblewrapOptions } from './bubblewrap.js';
import { createAdvanceSandbox } from './advance-sandbox.js';
import { createNameFiles, type NameFiles } from './judged-names.js';
import { directLine, launchLine } from './launcher.js';
import { probe, type ProbeResult } from './probe.js';
import { createProcCoverFinder, type ProcCover } from './root-proc.js';
import { replacedRoots } from './replaced-files.js';
import { encodeWords, openRuntimeFolder, type RuntimeFolder } from './runtime-folder.js';
import { createStartFiles } from './start-files.js';
import { createPrivateMounts, startedBy, type PrivateMounts } from './private-mounts.js';
import { filterArchitecture } from './syscalls.js';

export interface LinuxSandboxOptions {
  readonly codexHome: string;
  readonly runtimeDir: string;
  readonly hiddenPaths: readonly string[];
  /** The names by which the next daemon looks for the Codex home. Absolute. */
  readonly homeNames: readonly string[];
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}

type Tools = Extract<ProbeResult, { shell: unknown }> & {
  readonly folder: RuntimeFolder;
  /** The words before bubblewrap's own. */
  readonly enter: PrivateMounts;
  readonly procCovers: () => readonly ProcCover[] | null;
  readonly nameFiles: NameFiles;
  /** The host's. */
  readonly mounts: MountTable;
};
type Probed = ProbeResult & { readonly folder?: RuntimeFolder };

export function createLinuxSandbox(options: LinuxSandboxOptions): Sandbox {
  const { log } = options;
  const placeholders = createPlaceholders((message) => log.warn(message));
  const scanNested = createNestedScanner();
  const mountTable = createMountTableReader();
  const nameFiles = createNameFiles();
  const privateMounts = createPrivateMounts((message) => log.warn(message));
  const deniedTargets: RuleOptions['deniedTargets'] = new Map();
  let times: CommandTimes | undefined;
  const procCovers = createProcCoverFinder(process.getuid?.() === 0);
  let probing: Promise<Probed> | undefined;
  let daemonPlaces: readonly string[] | undefined;

  // A successful probe stays valid. A failed one is repeated, because the cause may have been fixed; a refused command
  // costs no more.
  const ready = (): Promise<Probed> => {
    probing ??= findOut(options).then((result) => {
      if (!result.status.available) probing = undefined;
      return result;
    });
    return probing;
  };

  return {
    status: async () => (await ready()).status,
    async wrap(request) {
      const probed = await ready();
      const { status } = probed;
      if (!('shell' in probed) || !probed.folder) throw refusal(status);
      const { folder } = probed;
      const { madeByCommand, begin } = (times ??= createCommandTimes(folder.path, (message) => log.warn(message)));
      const mounts = mountTable();
      const plan = await planSandbox(request, {
        codexHome: options.codexHome,
        daemonPlaces: (daemonPlaces ??= daemonProgramPlaces(probed.status.program)),
        homeNames: options.homeNames,
        hidden: [folder.path, ...options.hiddenPaths, ...mounts.foreignProcs],
        scanNested,
        madeByCommand,
        deniedTargets,
        mounts,
      });
      const enter = mounts.receives ? await privateMounts(probed.status.program) : null;
      const claimed = placeholders.claim(plan.placeholders);
      const end = begin(plan.writable);
      const release = (): void => {
        end();
        removeUnwanted(plan.unwanted, log);
        claimed.release();
      };
      try {
        return command(request, withoutAbsent(plan, claimed), release, {
          ...probed,
          folder,
          enter,
          procCovers,
          nameFiles,
          mounts,
        });
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

const refusal = (status: SandboxStatus): CodexdError =>
  sandboxRefused(
    status.available
      ? 'the sandbox is not ready'
      : `commands cannot be sandboxed here: ${status.reason}; ${status.fix}`,
  );

async function findOut({ runtimeDir }: LinuxSandboxOptions): Promise<Probed> {
  const architecture = filterArchitecture();
  const no = (reason: string, fix: string): Probed => ({ status: { available: false, reason, fix } });
  if (!architecture) return no(`there is no system call filter for ${process.arch}`, 'use x64 or arm64');
  let folder: RuntimeFolder;
  try {
    folder = openRuntimeFolder(runtimeDir, architecture);
  } catch (error) {
    if (!isSandboxRefusal(error)) throw error;
    const fix = `make ${runtimeDir} a folder that only this user can write`;
    return no(error.message, isTransient(error) ? PASSES : fix);
  }
  makeSocketsFolder();
  try {
    return { ...(await probe(folder)), folder };
  } catch (error) {
    // The next command probes again.
    if (isTransient(error)) return no(osTroubleText(error) ?? messageOf(error), PASSES);
    throw error;
  }
}

/**
 * A mask needs a mount point. Without it, a socket that another daemon creates while a command runs would be visible.
 */
function makeSocketsFolder(): void {
  try {
    socketsFolder();
  } catch (error) {
    if (!isCode(error, 'machine.scratch')) throw error; // Then no daemon of this user can listen anywhere.
  }
}

const withoutAbsent = (plan: SandboxPlan, { absent }: ClaimedPlaceholders): SandboxPlan =>
  absent.size ? { ...plan, mounts: plan.mounts.filter((mount) => !absent.has(mount.path)) } : plan;

/** Holds no resources when it throws. */
function command(request: SandboxRequest, plan: SandboxPlan, release: () => void, tools: Tools): SandboxedCommand {
  const options = {
    plan,
    masks: tools.folder,
    env: request.env,
    unshareNetwork: request.network === 'offline',
    newSession: !request.terminal,
    // With the host's network, the network files lie in the folder of each process.
    procCovers: request.network === 'direct' && process.getuid?.() === 0 ? null : tools.procCovers(),
    replaced: [
      ...(request.names === undefined ? [] : tools.nameFiles(request.names, plan, tools.folder)),
      ...(request.roots === undefined ? [] : replacedRoots(request.roots, plan, tools.folder)),
    ],
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  };
  const words = bubblewrapArguments(options);
  if (words.length > MAX_ARGUMENTS) {
    throw sandboxRefused(
      `the sandbox of this command would need ${words.length} arguments, and bubblewrap takes ${MAX_ARGUMENTS}; deny fewer paths one by one, or pass fewer environment variables`,
    );
  }
  return request.passesDescriptors && !request.terminal
    ? withDescriptors(request, words, release, tools, (files) => inAdvance(request, options, tools, files))
    : byShell(request, plan, words, release, tools);
}

function withDescriptors(
  request: SandboxRequest,
  words: readonly string[],
  release: () => void,
  { folder, status, enter }: Tools,
  sandbox: (files: AdvanceFiles) => AdvanceSandbox | null,
): SandboxedCommand {
  const files = createStartFiles(folder, request.network, encodeWords(words));
  return {
    ...directLine(startedBy(enter, status.program), request.argv),
    env: LAUNCH_ENVIRONMENT,
    passOn: { ...files, sandbox: sandbox(files.advance) },
    release,
  };
}

/**
 * null: where the command can write, mount points may have to be made for it; a network is not kept for nobody; and
 * only dash is known to give a command exactly the variables that bubblewrap would.
 */
function inAdvance(
  { network }: SandboxRequest,
  options: Omit<BubblewrapOptions, 'env'>,
  { mounts, status, enter }: Tools,
  files: AdvanceFiles,
): AdvanceSandbox | null {
  const { plan } = options;
  if (network !== 'offline' || plan.writable.length > 0 || plan.placeholders.length > 0) return null;
  const shell = systemProgramIfAny('dash');
  if (shell === null || !plan.sees(shell)) return null;
  const words = sandboxArguments(options);
  return createAdvanceSandbox({ words, plan, mounts, files, bubblewrap: status.program, enter, shell });
}

function byShell(
  request: SandboxRequest,
  plan: SandboxPlan,
  words: readonly string[],
  release: () => void,
  { folder, shell, status, resetsSignals, enter }: Tools,
): SandboxedCommand {
  const resetter = request.terminal ? signalResetter(request, plan, resetsSignals) : null;
  const launch = folder.launchFile(words);
  return {
    ...launchLine(shell, {
      bubblewrap: startedBy(enter, status.program),
      argumentsFile: launch.path,
      filterFile: folder.filters[request.network],
      command: resetter === null ? request.argv : [...resetSignals(resetter), ...request.argv],
      ignoreInterrupts: resetter !== null,
    }),
    env: LAUNCH_ENVIRONMENT,
    release: () => {
      launch.remove();
      release();
    },
  };
}

/** GNU env(1), since coreutils 8.31. */
const resetSignals = (env: string): readonly string[] => [env, '--default-signal=INT,QUIT', '--'];

/**
 * Returns env(1) when it can reset signals inside. Without it, ^C ends the whole sandbox at once: safe, but no trap
 * runs.
 */
function signalResetter({ argv }: SandboxRequest, plan: SandboxPlan, available: boolean): string | null {
  const env = available ? systemProgramIfAny('env') : null;
  // env would treat a first word with an equals sign as a variable.
  return env !== null && plan.sees(env) && argv[0]?.includes('=') === false ? env : null;
}
