/**
 * Runs a check's commands like every command (docs/architecture.md): through the same supervisor, sandbox, lane and
 * proxy as in the daemon, with built-in profiles.
 *
 * Rule: only scripts of this folder run here, and the configuration has no influence. So the check shows what the
 * machine can do, even when the configuration is invalid or the requirements allow no commands.
 */
import { silentLogger } from '../../log/log.js';
import type { NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { createSupervisor } from '../../exec/supervisor.js';
import type { OutputSink } from '../../exec/run/output.js';
import { createNetworkApproval } from '../../network-approval/approval-service.js';
import { createDecisionLog } from '../../network-approval/audit/decision-log.js';
import { createPlatformLanes } from '../../network-approval/lanes/platform-lanes.js';
import { createSandbox } from '../../sandbox/create-sandbox.js';
import type { SandboxStatus } from '../../sandbox/policy/sandbox.js';

export interface ProbeCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly profile: PermissionProfile;
  /** Folders that the profile calls workspace roots. */
  readonly workspace: readonly string[];
  /** Absent: no network. */
  readonly policy?: NetworkPolicy;
  readonly terminal?: true;
}

export interface ProbeResult {
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** Both streams, at most 64 KiB. */
  readonly output: string;
}

export interface CommandPath {
  status(): Promise<SandboxStatus>;
  /** Throws the errors of Supervisor.start. */
  run(command: ProbeCommand): Promise<ProbeResult>;
  /** Ends running commands. Never throws. */
  close(): Promise<void>;
}

export const COMMAND_LIMIT_MS = 15_000;
const MAX_OUTPUT = 64 * 1024;

/** `gone` ends every command. */
export function openCommandPath(codexHome: string, gone: AbortSignal): CommandPath {
  const log = silentLogger;
  const sandbox = createSandbox({ codexHome, log });
  const lanes = createPlatformLanes({
    status: () => sandbox.status(),
    size: { pairsPerLane: 1, maxLanes: 1 },
    codexHome,
    log,
  });
  const approvals = createNetworkApproval({ log, decisionLog: createDecisionLog(), sandbox, lanes });
  const supervisor = createSupervisor({ sandbox, approvals, requirements: { enforce: (asked) => asked }, log });
  return {
    status: () => sandbox.status(),
    async run({ argv, cwd, profile, workspace, policy, terminal }) {
      const output: Buffer[] = [];
      const sink = collect(output);
      const running = await supervisor.start({
        argv,
        cwd,
        env: { PATH: '/usr/bin:/bin:/run/current-system/sw/bin', LC_ALL: 'C' },
        permissions: {
          profile,
          workspaceRoots: workspace,
          network: policy === undefined ? { kind: 'offline' } : { kind: 'proxied', policy },
          onNetworkDenial: 'refuse',
        },
        io: terminal ? { kind: 'terminal', size: { rows: 24, cols: 80 } } : { kind: 'pipes', stdin: false },
        timeoutMs: COMMAND_LIMIT_MS,
        owner: { kind: 'connection', connectionId: 0, requestId: 'doctor', processId: null },
        gone,
        stdout: sink,
        stderr: sink,
      });
      const { exitCode, cause } = await running.ended;
      return { exitCode, timedOut: cause === 'timeout', output: Buffer.concat(output).toString() };
    },
    async close() {
      await supervisor.close();
      await approvals.close();
    },
  };
}

function collect(pieces: Buffer[]): OutputSink {
  let size = 0;
  return {
    push: (piece) => {
      if (size < MAX_OUTPUT) pieces.push(piece.subarray(0, MAX_OUTPUT - size));
      size += piece.length;
      return undefined;
    },
    full: false,
  };
}
