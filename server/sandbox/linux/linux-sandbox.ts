/** The sandbox on Linux: policy → plan → bubblewrap. Decisions are in the files named; here they only meet. */
import fs from 'node:fs';
import type { Logger } from '../../log.js';
import { ScratchError, socketsFolder } from '../../system/scratch.js';
import { LAUNCH_ENVIRONMENT, systemProgramIfAny } from '../../system/system-program.js';
import { createNestedScanner } from '../nested-protected.js';
import { ownPlaces } from '../own-programs.js';
import { createPlaceholders, type HeldPlaceholders } from '../placeholders.js';
import { planSandbox, type SandboxPlan } from '../policy.js';
import {
  SandboxError,
  type Sandbox,
  type SandboxedCommand,
  type SandboxRequest,
  type SandboxStatus,
} from '../sandbox.js';
import { bubblewrapArguments, MAX_ARGUMENTS } from './bubblewrap.js';
import { createForeignProcFinder } from './foreign-proc.js';
import { directLine, launchLine } from './launcher.js';
import { probe, type ProbeResult } from './probe.js';
import { openRuntimeFolder, type RuntimeFolder } from './runtime-folder.js';
import { filterArchitecture } from './syscalls.js';

export interface LinuxSandboxOptions {
  readonly codexHome: string;
  readonly runtimeDir: string;
  readonly hiddenPaths: readonly string[];
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}

type Tools = Extract<ProbeResult, { shell: unknown }> & { readonly folder: RuntimeFolder };
type Probed = ProbeResult & { readonly folder?: RuntimeFolder };

export function createLinuxSandbox(options: LinuxSandboxOptions): Sandbox {
  const { log } = options;
  const placeholders = createPlaceholders((message) => log.warn(message));
  const scanNested = createNestedScanner();
  const foreignProcMounts = createForeignProcFinder();
  const scannedInPart = new Set<string>();
  const onIncompleteScan = (root: string): void => {
    if (!scannedInPart.has(root))
      log.debug('nested repositories are protected near the top of the root only', { root });
    scannedInPart.add(root);
  };
  let probing: Promise<Probed> | undefined;
  let own: readonly string[] | undefined;

  // What worked goes on working; what did not may have been mended since, and a refused command costs no more.
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
      const plan = await planSandbox(request, {
        codexHome: options.codexHome,
        own: (own ??= ownPlaces(probed.status.program)),
        hidden: [folder.path, ...options.hiddenPaths, ...foreignProcMounts()],
        scanNested,
        onIncompleteScan,
      });
      const held = placeholders.hold(plan.placeholders);
      try {
        return command(request, withoutAbsent(plan, held), held, { ...probed, folder });
      } catch (error) {
        held.release();
        throw error;
      }
    },
  };
}

const refusal = (status: SandboxStatus): SandboxError =>
  new SandboxError(
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
    if (error instanceof SandboxError)
      return no(error.message, `make ${runtimeDir} a folder that only this user can write`);
    throw error;
  }
  makeSocketsFolder();
  return { ...(await probe(folder)), folder };
}

/** A mask needs something to stand on: what another daemon makes while a command runs would have none. */
function makeSocketsFolder(): void {
  try {
    socketsFolder();
  } catch (error) {
    if (!(error instanceof ScratchError)) throw error; // No daemon of this user can listen anywhere, then.
  }
}

const withoutAbsent = (plan: SandboxPlan, { absent }: HeldPlaceholders): SandboxPlan =>
  absent.size ? { ...plan, mounts: plan.mounts.filter((mount) => !absent.has(mount.path)) } : plan;

/** Holds nothing when it throws. */
function command(request: SandboxRequest, plan: SandboxPlan, held: HeldPlaceholders, tools: Tools): SandboxedCommand {
  const words = bubblewrapArguments({
    plan,
    masks: tools.folder,
    env: request.env,
    unshareNetwork: request.network === 'offline',
    newSession: !request.terminal,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  });
  if (words.length > MAX_ARGUMENTS) {
    throw new SandboxError(
      `the sandbox of this command would need ${words.length} arguments, and bubblewrap takes ${MAX_ARGUMENTS}; deny fewer paths one by one, or pass fewer environment variables`,
    );
  }
  return request.passesDescriptors && !request.terminal
    ? withDescriptors(request, words, held, tools)
    : byShell(request, plan, words, held, tools);
}

function withDescriptors(
  request: SandboxRequest,
  words: readonly string[],
  held: HeldPlaceholders,
  { folder, status }: Tools,
): SandboxedCommand {
  const descriptors = [folder.launchDescriptor(words)];
  const close = (): void => descriptors.splice(0).forEach((descriptor) => fs.closeSync(descriptor));
  try {
    descriptors.push(fs.openSync(folder.filters[request.network], 'r'));
  } catch (error) {
    close();
    throw new SandboxError(`the sandbox's filter cannot be read: ${(error as Error).message}`);
  }
  return {
    ...directLine(status.program, request.argv),
    env: LAUNCH_ENVIRONMENT,
    passOn: { descriptors: [...descriptors], close },
    release: () => {
      close();
      held.release();
    },
  };
}

function byShell(
  request: SandboxRequest,
  plan: SandboxPlan,
  words: readonly string[],
  held: HeldPlaceholders,
  { folder, shell, status, resetsSignals }: Tools,
): SandboxedCommand {
  const resetter = request.terminal ? signalResetter(request, plan, resetsSignals) : null;
  const launch = folder.launchFile(words);
  return {
    ...launchLine(shell, {
      bubblewrap: status.program,
      argumentsFile: launch.path,
      filterFile: folder.filters[request.network],
      command: resetter === null ? request.argv : [...resetSignals(resetter), ...request.argv],
      ignoreInterrupts: resetter !== null,
    }),
    env: LAUNCH_ENVIRONMENT,
    release: () => {
      launch.remove();
      held.release();
    },
  };
}

/** GNU env(1), since coreutils 8.31. */
const resetSignals = (env: string): readonly string[] => [env, '--default-signal=INT,QUIT', '--'];

/** env(1), where it can reset signals inside. Without it ^C ends the whole sandbox at once, which is safe, but no trap runs. */
function signalResetter({ argv }: SandboxRequest, plan: SandboxPlan, available: boolean): string | null {
  const env = available ? systemProgramIfAny('env') : null;
  // env takes a first word with an equals sign for a variable.
  return env !== null && plan.sees(env) && argv[0]?.includes('=') === false ? env : null;
}
