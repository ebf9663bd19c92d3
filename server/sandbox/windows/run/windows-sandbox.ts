/**
 * The sandbox on Windows: policy → plan → access lists → a launcher that starts the command as another user.
 *
 * Threat: a command runs although a wall that it needs does not stand: nobody has set the users up, Windows does not
 * enforce a list, or the profile asks for what Windows cannot do.
 * Rule: nothing runs without `[windows] sandbox`. The identity of each kind of command is proved on this machine before
 * its first command (proof.ts), and again when the set-up or the mode changes. What cannot be enforced is refused by
 * name. The official program runs such commands without a sandbox when the setting is missing; codexd does not.
 * Scope: the connection of the parts. Non-scope: the set-up (setup.ts), and the ports of lanes (network-approval).
 * With `unelevated`, a command reads what its person reads, the Codex home included: only other users cannot.
 */
import type { WindowsSettings } from '../../../config/settings/windows-settings.js';
import type { CodexdError } from '../../../errors/codexd-error.js';
import type { Logger } from '../../../log/log.js';
import { daemonProgramPlaces } from '../../policy/own-programs.js';
import { createNestedScanner } from '../../policy/nested-protected.js';
import { planSandbox, type SandboxPlan } from '../../policy/policy.js';
import { removeUnwanted } from '../../policy/unwanted-files.js';
import {
  type Sandbox,
  type SandboxedCommand,
  type SandboxRequest,
  type SandboxStatus,
  sandboxRefused,
} from '../../policy/sandbox.js';
import type { AppliedAccess } from '../access-apply.js';
import { accessPlan, type AccessPlan } from '../access-list.js';
import { windowsIdentity, type WindowsIdentity } from '../identity.js';
import { writeRequest, type Confinement } from './launch-request.js';
import { launcherEnvironment } from './launcher-environment.js';
import { createProofs, type ProofResult } from './proofs.js';
import { setupFolder, type SetupMarker, type SetupState } from '../setup-state.js';

export interface WindowsSandboxOptions {
  readonly codexHome: string;
  /** The daemon's own folder for requests. */
  readonly runtimeDir: string;
  readonly hiddenPaths: readonly string[];
  readonly homeNames: readonly string[];
  /** What is configured now. */
  readonly settings: () => WindowsSettings;
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}

/** What touches Windows; tests replace it. */
export interface WindowsParts {
  /** The command line of the launcher; the request's file follows. */
  readonly launcher: readonly string[];
  readSetup(): SetupState;
  /** Applies the lists of a plan for one command. `group`: null for the caller's own token. */
  apply(access: AccessPlan, group: string | null): Promise<AppliedAccess>;
  /** Proves an identity; `wrap` makes a command of it, without the proof. */
  prove(identity: WindowsIdentity, setup: SetupMarker | null, wrap: Sandbox['wrap']): Promise<ProofResult>;
}

const SET_UP =
  'run `codexd windows-sandbox-setup` as an administrator, or call windowsSandbox/setupStart; or sandbox the commands yourself and say so (`externalSandbox`)';

type Mode = 'elevated' | 'unelevated';

export function createWindowsSandbox(options: WindowsSandboxOptions, parts: WindowsParts): Sandbox {
  const { codexHome, settings, log } = options;
  const scanNested = createNestedScanner();
  const proofs = createProofs();
  let daemonPlaces: readonly string[] | undefined;

  /** Why there is no sandbox of this identity; null: there is one. */
  const missing = async (identity: WindowsIdentity): Promise<Unavailable | null> => {
    const setup = parts.readSetup();
    if (identity.path === 'logon' && setup.status !== 'ready') return NOT_SET_UP[setup.status];
    const marker = setup.status === 'ready' ? setup.marker : null;
    const proof = await proofs.of([identity, marker], () =>
      parts.prove(identity, marker, (request) => wrap(request, identity)),
    );
    if (proof.ok) return null;
    return { reason: `the walls of the user \`${identity.user}\` do not stand: ${proof.problem}`, fix: proof.fix };
  };

  /** Makes the command; the identity may be unproved. */
  const wrap = async (request: SandboxRequest, identity: WindowsIdentity): Promise<SandboxedCommand> => {
    if (request.terminal && request.terminalSize === undefined) throw NO_TERMINAL();
    const setup = parts.readSetup();
    const marker = setup.status === 'ready' ? setup.marker : null;
    const hidden = [options.runtimeDir, setupFolder(codexHome), ...options.hiddenPaths];
    daemonPlaces ??= daemonProgramPlaces();
    const plan = await planSandbox(request, {
      codexHome,
      daemonPlaces,
      homeNames: options.homeNames,
      hidden,
      scanNested,
    });
    const logon = logonOf(identity, marker);
    const group = logon === null ? null : (marker?.group.sid ?? null);
    const access = accessPlan(plan, { path: identity.path, own: [codexHome, ...hidden] });
    const applied = await parts.apply(access, group);
    const confinement = { logon, capabilities: applied.capabilities, privateDesktop: settings().privateDesktop };
    return command(request, plan, confinement, applied);
  };

  const command = (
    request: SandboxRequest,
    plan: SandboxPlan,
    confinement: Confinement,
    applied: AppliedAccess,
  ): SandboxedCommand => {
    const { argv, env, terminalSize } = request;
    try {
      const written = writeRequest(options.runtimeDir, {
        ...confinement,
        codexHome,
        job: request.job ?? null,
        argv,
        cwd: plan.workingFolder,
        terminal: terminalSize ?? null,
        env,
      });
      const [file = '', ...args] = [...parts.launcher, written.path];
      return {
        file,
        args,
        env: launcherEnvironment(process.env),
        release: () => {
          written.remove();
          applied.release();
          removeUnwanted(plan.unwanted, log);
        },
      };
    } catch (error) {
      applied.release();
      throw error;
    }
  };

  return {
    status: async () => {
      const mode = modeOf(settings());
      if (typeof mode !== 'string') return { available: false, ...mode };
      // Without a set-up, the caller's own token is still right for commands with the network itself.
      const partial = mode === 'unelevated' && parts.readSetup().status !== 'ready';
      for (const network of partial ? (['direct'] as const) : (['direct', 'lane'] as const)) {
        const why = await missing(windowsIdentity({ network, mode }));
        if (why) return { available: false, ...why };
      }
      return { available: true, kind: 'windows', version: partial ? `${mode}, only with direct network` : mode };
    },
    async wrap(request) {
      const mode = modeOf(settings());
      if (typeof mode !== 'string') throw refusal(mode);
      const identity = windowsIdentity({ network: request.network, mode });
      const why = await missing(identity);
      if (why) throw refusal(why);
      return wrap(request, identity);
    },
  };
}

type Unavailable = Omit<Extract<SandboxStatus, { available: false }>, 'available'>;

const refusal = ({ reason, fix }: Unavailable): CodexdError =>
  sandboxRefused(`commands cannot be sandboxed here: ${reason}; ${fix}`);

const NO_TERMINAL = (): CodexdError =>
  sandboxRefused(
    'a sandboxed command cannot use the terminal of this program on Windows: a console belongs to one user; let it write into a pipe (`codexd sandbox … | more`)',
  );

function modeOf({ mode, refused }: WindowsSettings): Mode | Unavailable {
  if (refused !== undefined) return { reason: refused, fix: 'choose one that is allowed, or ask the administrator' };
  switch (mode) {
    case 'elevated':
    case 'unelevated':
      return mode;
    case 'unknown':
      return {
        reason: '`[windows] sandbox` names a sandbox that codexd does not have',
        fix: 'set it to "elevated" or "unelevated"',
      };
    case null:
      return { reason: '`[windows] sandbox` is not set', fix: SET_UP };
  }
}

const NOT_SET_UP: Readonly<Record<'notConfigured' | 'updateRequired', Unavailable>> = {
  notConfigured: {
    reason: 'the Windows sandbox is not set up, and a command without direct network needs it',
    fix: SET_UP,
  },
  updateRequired: { reason: 'the set-up of the Windows sandbox is of another version', fix: SET_UP },
};

function logonOf({ user, path }: WindowsIdentity, marker: SetupMarker | null): Confinement['logon'] {
  if (path === 'restrictedToken') return null;
  const account = marker?.users[user];
  if (!account) throw sandboxRefused(`the user \`${user}\` of the sandbox is not set up; ${SET_UP}`);
  return { user, ...account };
}
