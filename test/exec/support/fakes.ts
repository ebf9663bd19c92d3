/** Small working implementations of the supervisor's dependencies, with their state open to the tests. */
import type { NetworkPolicy } from '../../../server/config/permissions/network-policy.js';
import {
  DANGER_FULL_ACCESS,
  READ_ONLY,
  WORKSPACE_WRITE,
} from '../../../server/config/permissions/permission-profile.js';
import { noRequirements } from '../../../server/config/requirements/requirements.js';
import type {
  PermissionEnforcer,
  CommandSettings,
  SettingsReader,
} from '../../../server/config/settings/command-settings.js';
import { ConfigError } from '../../../server/errors/config-error.js';
import { silentLogger } from '../../../server/log/log.js';
import type {
  LaneLease,
  NetworkApproval,
  RegisterOptions,
} from '../../../server/network-approval/registration/registration.js';
import type { NetworkDenial } from '../../../server/network-approval/registration/denial.js';
import type { Caller } from '../../../server/rpc/connection/caller.js';
import type { Sandbox, SandboxRequest } from '../../../server/sandbox/policy/sandbox.js';
import { policyOf } from '../../network-approval/support/policy.js';
import { createSupervisor, type Supervisor, type SupervisorOptions } from '../../../server/exec/supervisor.js';
import { systemProgram } from '../../../server/system/programs/system-program.js';
import { until } from '../../fixtures/until.js';

/** The requirements of a machine without any. */
export const NO_REQUIREMENTS: PermissionEnforcer = { enforce: (asked) => asked };

export interface Registered extends RegisterOptions {
  /** Records a denial, as the service does after the policy's denial. */
  deny(denial?: NetworkDenial): void;
  finished: { treeGone: boolean }[];
  /** Registration.claim. */
  claims: ((pid: number) => boolean)[];
  /** Notified when a prompt about the command opens or closes. */
  watchers: Set<(asked: boolean) => void>;
}

export const DENIAL: NetworkDenial = {
  host: 'denied.test',
  port: 443,
  protocol: 'https',
  reason: 'not_allowed',
  rule: null,
  source: 'baseline_policy',
  message: 'Network access to "denied.test" was blocked.',
};

/** Registers in memory; a proxied command gets `lane`. */
export function memoryApprovals(lane: LaneLease = { enter: [], networkNamespace: 0, ports: [], environment: {} }): {
  approvals: NetworkApproval;
  registered: Registered[];
} {
  const registered: Registered[] = [];
  const approvals: NetworkApproval = {
    register: async (options) => {
      const abort = new AbortController();
      let denial: NetworkDenial | null = null;
      const entry: Registered = {
        ...options,
        finished: [],
        claims: [],
        watchers: new Set(),
        deny: (why = DENIAL) => {
          if (denial || entry.finished.length) return;
          denial = why;
          if (options.onDenial === 'cancel') abort.abort();
        },
      };
      registered.push(entry);
      return {
        id: String(registered.length),
        lane: options.policy ? lane : null,
        signal: abort.signal,
        claim: (contains) => void entry.claims.push(contains),
        watchPrompts: (watcher) => {
          entry.watchers.add(watcher);
          return () => void entry.watchers.delete(watcher);
        },
        finish: (end) => {
          const first = entry.finished.length === 0;
          entry.finished.push(end);
          return first && abort.signal.aborted ? denial : null;
        },
      };
    },
    warm: () => {},
    close: async () => {},
  };
  return { approvals, registered };
}

/** Bubblewrap in its simplest form: everything readable, its own pid namespace, death with the parent. */
export function plainSandbox(): { sandbox: Sandbox; requests: SandboxRequest[]; released: () => number } {
  const requests: SandboxRequest[] = [];
  let released = 0;
  const sandbox: Sandbox = {
    status: async () => ({ available: true, kind: 'bubblewrap', program: systemProgram('bwrap'), version: '0' }),
    wrap: async (request) => {
      requests.push(request);
      const args = '--unshare-user --unshare-pid --unshare-net --ro-bind / / --dev /dev --proc /proc --die-with-parent';
      let done = false;
      return {
        file: 'bwrap',
        args: [...args.split(' '), '--chdir', request.cwd, '--', ...request.argv],
        env: request.env,
        release: () => {
          if (!done) released++;
          done = true;
        },
      };
    },
  };
  return { sandbox, requests, released: () => released };
}

/** `parts` replace the fakes. */
export function testSupervisor(
  parts: Partial<Pick<SupervisorOptions, 'sandbox' | 'pipes'>> = {},
): { supervisor: Supervisor } & ReturnType<typeof memoryApprovals> & ReturnType<typeof plainSandbox> {
  const approvals = memoryApprovals();
  const sandbox = plainSandbox();
  const supervisor = createSupervisor({
    sandbox: sandbox.sandbox,
    approvals: approvals.approvals,
    requirements: NO_REQUIREMENTS,
    log: silentLogger,
    ...parts,
  });
  return { supervisor, ...approvals, ...sandbox };
}

export const POLICY: NetworkPolicy = policyOf({}, { revision: 'test' });

/** The built-in profiles and nothing configured, unless `changes` say so. */
export function memorySettings(changes: Partial<CommandSettings> = {}): SettingsReader {
  const profiles = [READ_ONLY, WORKSPACE_WRITE, DANGER_FULL_ACCESS];
  const settings: CommandSettings = {
    defaultProfile: READ_ONLY,
    profile: (name) => {
      const found = profiles.find(({ id }) => id === name);
      if (!found) throw new ConfigError(`default_permissions refers to undefined profile \`${name}\``);
      return found;
    },
    assertAllowed: () => {},
    networkAccess: ({ networkEnabled }) => ({ kind: networkEnabled ? 'direct' : 'offline' }),
    shellEnvironment: { inherit: 'all', ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] },
    credentialNames: [],
    neverAsks: false,
    managedDenials: [],
    codexd: { commandExec: { onNetworkDenial: 'cancel' }, networkPrompts: 'always', rulesWithoutSandbox: [] },
    modelRequirements: noRequirements('none').modelRequirements,
    ...changes,
  };
  return { settings: () => settings, ...NO_REQUIREMENTS };
}

export interface FakeCaller extends Caller {
  /** All notifications, in order. */
  readonly notes: { readonly method: string; readonly params: Record<string, unknown> }[];
  /** Ends the connection. */
  close(): void;
  /** While false, drained() waits. */
  reads: boolean;
  /** All deltas of one stream, joined. */
  text(id: string, stream?: string): string;
}

let connections = 0;

export function fakeCaller(): FakeCaller {
  const closed = new AbortController();
  const notes: FakeCaller['notes'] = [];
  return {
    connectionId: ++connections,
    transport: 'stdio',
    client: { name: 'test', version: '0', title: null },
    experimentalApi: true,
    capabilities: {},
    closed: closed.signal,
    reads: true,
    notes,
    notify: (method, params) => void notes.push({ method, params: params }),
    notifyBytes: (method, params, key, bytes) =>
      void notes.push({ method, params: { ...params, [key]: bytes.toString('base64') } }),
    request: () => Promise.reject(new Error('not asked here')),
    async drained() {
      await until(() => this.reads || closed.signal.aborted, 'the caller reads');
    },
    close: () => closed.abort(),
    text: (id, stream) =>
      Buffer.concat(
        notes
          .filter(({ params }) => params.processId === id || params.processHandle === id)
          .filter(({ params }) => typeof params.deltaBase64 === 'string' && (!stream || params.stream === stream))
          .map(({ params }) => Buffer.from(params.deltaBase64 as string, 'base64')),
      ).toString(),
  };
}
