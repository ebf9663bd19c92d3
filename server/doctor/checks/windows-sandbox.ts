/**
 * Checks the sandbox on Windows: what is configured, what the set-up has left, and whether the walls stand, which
 * canaries try as they do for a daemon. Each problem has the command that corrects it.
 */
import { messageOf } from '../../errors/message-of.js';
import { windowsSettings, type WindowsSettings } from '../../config/settings/windows-settings.js';
import { silentLogger } from '../../log/log.js';
import { createSandbox } from '../../sandbox/create-sandbox.js';
import type { SandboxStatus } from '../../sandbox/policy/sandbox.js';
import { readSetup, type SetupState } from '../../sandbox/windows/setup-state.js';
import type { DoctorContext } from '../findings/context.js';
import { fail, ok, skipped, warn, type Finding } from '../findings/finding.js';

/** What was found on the machine. */
export interface WindowsFacts {
  /** A text: why the configuration cannot be read. */
  readonly settings: WindowsSettings | string;
  /** A text: why the marker of the set-up cannot be read. */
  readonly setup: SetupState | string;
  /** Whether the environment asks for rules that leave loopback open, which the set-up makes. */
  readonly allowLocalBinding: boolean;
  /** The proof by canaries; null: none was tried, because a mode is missing. */
  readonly proof: SandboxStatus | null;
}

const SET_UP =
  'run `codexd windows-sandbox-setup --elevate`, or without --elevate in a terminal of an administrator; a client can call windowsSandbox/setupStart';

/** The findings about the sandbox of this Codex home. Never rejects because of a machine that is not set up. */
export async function checkWindowsSandbox(context: DoctorContext): Promise<readonly Finding[]> {
  const codexHome = context.home.path;
  if (codexHome === null) return [skipped('sandbox.windows', 'the sandbox: not tried', 'there is no Codex home')];
  const settings = await settingsOf(context);
  const isChosen = typeof settings !== 'string' && settings.refused === undefined && isMode(settings.mode);
  return windowsFindings({
    settings,
    setup: setupOf(codexHome),
    allowLocalBinding: context.env.CODEX_NETWORK_ALLOW_LOCAL_BINDING === '1',
    proof: isChosen ? await createSandbox({ codexHome, log: silentLogger, windows: () => settings }).status() : null,
  });
}

const isMode = (mode: WindowsSettings['mode']): boolean => mode === 'elevated' || mode === 'unelevated';

async function settingsOf(context: DoctorContext): Promise<WindowsSettings | string> {
  try {
    const source = await context.source();
    return windowsSettings(source.resolve().effective.table, source.requirements());
  } catch (error) {
    return messageOf(error); // The check of the configuration has the details.
  }
}

function setupOf(codexHome: string): SetupState | string {
  try {
    return readSetup(codexHome);
  } catch (error) {
    return messageOf(error);
  }
}

/** What the facts mean; pure. */
export const windowsFindings = (facts: WindowsFacts): readonly Finding[] => [
  modeFinding(facts.settings),
  setupFinding(facts),
  proofFinding(facts.proof),
];

function modeFinding(settings: WindowsFacts['settings']): Finding {
  const id = 'sandbox.windows-mode';
  if (typeof settings === 'string')
    return skipped(id, '`[windows] sandbox`: not read', `the configuration cannot be used: ${settings}`);
  const { mode, refused, privateDesktop } = settings;
  if (refused !== undefined)
    return fail(id, refused, 'choose one that is allowed in `[windows] sandbox`, or ask the administrator');
  switch (mode) {
    case 'elevated':
    case 'unelevated':
      return ok(
        id,
        `\`[windows] sandbox\` is "${mode}"`,
        `${HOW[mode]}${privateDesktop ? '' : '; commands share the desktop of the person'}`,
      );
    case 'unknown':
      return fail(
        id,
        '`[windows] sandbox` names a sandbox that codexd does not have',
        'set it to "elevated" or "unelevated"',
      );
    case null:
      return fail(id, '`[windows] sandbox` is not set, so commands that need a sandbox are refused', SET_UP);
  }
}

const HOW = {
  elevated: "commands run as the sandbox's users",
  unelevated:
    "commands with direct network run with the person's restricted token, which reads what the person reads; others as the sandbox's user",
} as const;

function setupFinding({ settings, setup, allowLocalBinding }: WindowsFacts): Finding {
  const id = 'sandbox.windows-set-up';
  if (typeof setup === 'string') return fail(id, `the set-up of the sandbox cannot be read: ${setup}`, SET_UP);
  if (setup.status !== 'ready') {
    if (setup.status === 'updateRequired')
      return fail(id, 'the set-up of the sandbox is of another version of codexd, or damaged', SET_UP);
    const unelevated = typeof settings !== 'string' && settings.mode === 'unelevated';
    return unelevated
      ? warn(id, 'the sandbox is not set up: only commands with direct network run', SET_UP)
      : fail(id, 'the sandbox is not set up', SET_UP);
  }
  const { users, group, lanePorts, allowLocalBinding: isOpen, createdAt } = setup.marker;
  const detail = [
    `users ${users.offline.name} and ${users.online.name}, group ${group.name}`,
    `loopback ports of lanes ${lanePorts.join(', ')}`,
    isOpen ? 'programs may listen on loopback' : 'other loopback ports are closed',
  ].join('; ');
  if (isOpen === allowLocalBinding) return ok(id, `the sandbox was set up at ${createdAt}`, detail);
  return warn(
    id,
    `the firewall rules of the set-up are for ${isOpen ? 'an open' : 'a closed'} loopback, and CODEX_NETWORK_ALLOW_LOCAL_BINDING asks for the other`,
    isOpen
      ? `${SET_UP}, or set CODEX_NETWORK_ALLOW_LOCAL_BINDING=1`
      : 'run `codexd windows-sandbox-setup --elevate --allow-local-binding`, or unset CODEX_NETWORK_ALLOW_LOCAL_BINDING',
    detail,
  );
}

function proofFinding(proof: WindowsFacts['proof']): Finding {
  const id = 'sandbox.windows';
  if (proof === null) return skipped(id, 'the walls: not tried', 'no sandbox is chosen');
  if (!proof.available)
    return fail(id, `commands cannot be sandboxed, so they are refused: ${proof.reason}`, proof.fix);
  return ok(id, `canaries found all walls in place: ${proof.kind === 'windows' ? proof.version : proof.kind}`);
}
