import type { CommandSpec } from '../../../server/exec/start/command.js';
import { collectedOutput, type Output, type OutputSink } from '../../../server/exec/run/output.js';
import { UNRESTRICTED, type CommandPermissions } from '../../../server/exec/start/permissions.js';
import { READ_ONLY } from '../../../server/config/permissions/permission-profile.js';
import { elapse } from '../../fixtures/until.js';
import { POLICY } from './fakes.js';

export const SANDBOXED: CommandPermissions = {
  profile: READ_ONLY,
  workspaceRoots: [process.cwd()],
  network: { kind: 'offline' },
  onNetworkDenial: 'cancel',
};

export const PROXIED: CommandPermissions = {
  profile: { ...READ_ONLY, networkEnabled: true },
  workspaceRoots: [process.cwd()],
  network: { kind: 'proxied', policy: POLICY },
  onNetworkDenial: 'cancel',
};

/** Both ways to run commands, for tests that apply to each. */
export const WAYS: readonly (readonly [name: string, permissions: CommandPermissions])[] = [
  ['unsandboxed', UNRESTRICTED],
  ['sandboxed', SANDBOXED],
];

export interface TestSpec extends CommandSpec {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** A shell script on pipes, unsandboxed, without a timeout, unless `changes` say so. */
export function script(text: string, changes: Partial<CommandSpec> = {}): TestSpec {
  return {
    argv: ['sh', '-c', text],
    cwd: process.cwd(),
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    permissions: UNRESTRICTED,
    io: { kind: 'pipes', stdin: false },
    timeoutMs: null,
    owner: { kind: 'connection', connectionId: 1, requestId: 1, processId: null },
    gone: new AbortController().signal,
    ...changes,
    stdout: collectedOutput(null),
    stderr: collectedOutput(null),
  };
}

/** A sink that delays each piece by `delayMs` milliseconds until it has received `slowBytes` bytes. */
export function slowSink(slowBytes: number, delayMs: number): OutputSink & { received(): number } {
  let bytes = 0;
  return {
    full: false,
    received: () => bytes,
    push: (piece) => {
      bytes += piece.length;
      return elapse(bytes < slowBytes ? delayMs : 0, 'a slow reader');
    },
  };
}
