/**
 * The sandbox on macOS: policy → plan → the text for sandbox-exec(1). The decisions are in the named files; this file
 * only connects them.
 *
 * Non-scope: the DYLD_ variables of a command. The system removes them from every program of its own, sandbox-exec
 * included.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../errors/message-of.js';
import { makePrivateFolder } from '../../system/files/scratch.js';
import type { SandboxMembers } from '../../system/darwin/sandbox-members.js';
import { createCommandTimes, type CommandTimes } from '../linux/command-times.js';
import { createNestedScanner } from '../policy/nested-protected.js';
import { daemonProgramPlaces } from '../policy/own-programs.js';
import { planSandbox, type SandboxPlan } from '../policy/policy.js';
import { createPathResolver } from '../policy/resolve-path.js';
import type { RuleOptions } from '../policy/collect-rules.js';
import { type Sandbox, type SandboxRequest, type SandboxStatus, sandboxRefused } from '../policy/sandbox.js';
import { probeSeatbelt, type ProbeTools } from './probe.js';
import { withRealNames } from './real-names.js';
import { seatbeltPolicy, type SeatbeltNetwork } from './seatbelt.js';

export interface MacosSandboxOptions {
  readonly codexHome: string;
  /** Made if it is missing; hidden from every command. */
  readonly runtimeDir: string;
  readonly hiddenPaths: readonly string[];
  /** The names by which the next daemon looks for the Codex home. Absolute. */
  readonly homeNames: readonly string[];
  /** Recognises the processes of a sandbox; throws where the system cannot be asked. */
  readonly members: () => SandboxMembers;
  /** For tests. */
  readonly tools?: ProbeTools;
  readonly log: { warn(message: string): void };
}

export function createMacosSandbox(options: MacosSandboxOptions): Sandbox {
  const { log, runtimeDir } = options;
  const scanNested = createNestedScanner();
  const deniedTargets: RuleOptions['deniedTargets'] = new Map();
  let times: CommandTimes | undefined;
  let daemonPlaces: readonly string[] | undefined;
  let probing: Promise<SandboxStatus> | undefined;

  // As on Linux: a success stays valid, a failure is looked at again with the next command.
  const status = (): Promise<SandboxStatus> => {
    probing ??= probeSeatbelt(runtimeDir, options.tools).then((found) => {
      if (!found.available) probing = undefined;
      return found;
    });
    return probing;
  };

  return {
    status,
    async wrap(request) {
      const found = await status();
      if (!found.available || found.kind !== 'seatbelt') throw refusal(found);
      const folder = openFolder(runtimeDir);
      const { madeByCommand, begin } = (times ??= createCommandTimes(folder, (message) => log.warn(message)));
      const hidden = [folder, ...options.hiddenPaths];
      const plan = await planSandbox(request, {
        codexHome: options.codexHome,
        daemonPlaces: (daemonPlaces ??= daemonProgramPlaces(found.program)),
        homeNames: options.homeNames,
        hidden,
        scanNested,
        madeByCommand,
        deniedTargets,
      });
      const mark = `codexd.command.${randomBytes(12).toString('hex')}`;
      const named = withRealNames(withMissing(plan, hidden));
      const text = seatbeltPolicy(named, { network: networkOf(request), mark });
      if (Buffer.byteLength(text) > MAX_POLICY_BYTES) throw tooLarge(text);
      const contains = membership(options, mark, request);
      const end = begin(plan.writable);
      return {
        file: found.program,
        args: ['-p', text, '--', ...request.argv],
        env: request.env,
        ...(contains ? { contains } : {}),
        release: end,
      };
    },
  };
}

/** Whether a process has this mark. A lane belongs to its command only where this is known. */
function membership(
  { members, log }: MacosSandboxOptions,
  mark: string,
  { network }: SandboxRequest,
): ((pid: number) => boolean) | null {
  try {
    const { has } = members();
    return (pid) => has(mark, pid);
  } catch (error) {
    const why = messageOf(error);
    if (network === 'lane')
      throw sandboxRefused(
        `a command with a network lane cannot run: nothing can tell its processes from others: ${why}`,
      );
    log.warn(`nothing can tell the processes of a sandbox from others: ${why}`);
    return null;
  }
}

/**
 * Arguments and environment of a process together have 1 MiB (ARG_MAX of sys/syslimits.h); the rest is the command's.
 */
const MAX_POLICY_BYTES = 400_000;

const tooLarge = (text: string): Error =>
  sandboxRefused(
    `the sandbox of this command would need a policy of ${Buffer.byteLength(text)} bytes, and macOS takes ${MAX_POLICY_BYTES}; deny fewer paths one by one`,
  );

const refusal = (status: SandboxStatus): Error =>
  sandboxRefused(
    status.available
      ? 'the sandbox is not ready'
      : `commands cannot be sandboxed here: ${status.reason}; ${status.fix}`,
  );

function openFolder(folder: string): string {
  try {
    makePrivateFolder(folder);
    return fs.realpathSync(folder);
  } catch (error) {
    throw sandboxRefused(`the sandbox cannot use its folder ${folder}: ${messageOf(error)}`, { cause: error });
  }
}

function networkOf({ network, lanePorts = [] }: SandboxRequest): SeatbeltNetwork {
  if (network !== 'lane') return { kind: network };
  if (lanePorts.length === 0) throw sandboxRefused('a command with a network lane cannot run: its lane has no port');
  return { kind: 'lane', ports: lanePorts };
}

/** With the hidden places that do not exist yet: a daemon that starts later makes them, and no command may. */
function withMissing(plan: SandboxPlan, hidden: readonly string[]): SandboxPlan {
  const resolve = createPathResolver();
  const missing = hidden
    .map(resolve)
    .filter(({ kind, real }) => kind === 'missing' && !plan.mounts.some(({ path }) => path === real))
    .map(({ real }) => path.normalize(real));
  if (missing.length === 0) return plan;
  return {
    ...plan,
    mounts: [...plan.mounts, ...new Set(missing)].map((mount) =>
      typeof mount === 'string' ? { kind: 'hidden', path: mount, of: 'folder' } : mount,
    ),
    placeholders: [...plan.placeholders, ...missing],
  };
}
