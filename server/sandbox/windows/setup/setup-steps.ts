/**
 * The steps of a set-up in their order, each with its undo.
 *
 * Threat: a wall that is missing after a set-up that said it succeeded.
 * Rule: each step reads back what it made. The users get their rules before anything can log on as them, because the
 * marker, without which no command runs, is last. The canaries try the walls before it.
 * Scope: what one Codex home needs. Non-scope: other homes, the official program's set-up.
 */
import fs from 'node:fs';
import { Win32Error } from '../../../system/windows/win32-security.js';
import { applyAccess, removeAccess } from '../access-apply.js';
import type { AccessPlan } from '../access-list.js';
import { applyFirewall, removeFirewall } from './firewall-apply.js';
import type { OfflineFirewall } from '../firewall.js';
import { makeGroup, makeUser, removeGroup, removeUser } from './setup-accounts.js';
import { makeFolder } from './setup-folder.js';
import { setupNames, type SetupNames } from './setup-names.js';
import * as state from '../setup-state.js';
import type { SandboxAccount, SetupMarker } from '../setup-state.js';
import type { SetupOptions, SetupStepName, SetupSystem } from './setup-system.js';
import { RIGHTS } from '../../../system/windows/sddl.js';

export interface SetupStep {
  readonly name: SetupStepName;
  /** Null: done, and read back. Otherwise why not. May throw. */
  run(): Promise<string | null> | string | null;
  /** Null: gone, also if it was never there. Otherwise what is left. May throw. */
  undo(): Promise<string | null> | string | null;
}

/** What steps tell later ones. */
interface Made {
  group?: SandboxAccount;
  offline?: SandboxAccount;
  online?: SandboxAccount;
  passwords?: state.Passwords;
}

/** winlogon reads it: a user with 0 is not shown. */
const HIDDEN_USERS = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\SpecialAccounts\\UserList';

/** In their order; the undos are called in reverse. */
export function setupSteps(options: SetupOptions, system: SetupSystem): readonly SetupStep[] {
  const { codexHome } = options;
  const names = setupNames(codexHome);
  const made: Made = {};
  const users = [names.offline, names.online];
  return [
    {
      name: 'folder',
      run: () => makeFolder(codexHome, system),
      undo: () => {
        fs.rmSync(state.setupFolder(codexHome), { recursive: true, force: true });
        return null;
      },
    },
    {
      name: 'group',
      run: () => {
        const group = makeGroup(system, names.group);
        if (typeof group === 'string') return group;
        made.group = group;
        return null;
      },
      undo: () => removeGroup(system, names.group),
    },
    {
      name: 'users',
      run: () => makeUsers(system, names, made),
      undo: () => joined(users.map((name) => removeUser(system, name))),
    },
    {
      name: 'secrets',
      run: () => storePasswords(codexHome, system, made),
      undo: () => {
        state.removePasswords(codexHome);
        return null;
      },
    },
    {
      name: 'firewall',
      run: () => {
        const { offline } = known(made);
        return withFirewall(system, (policy) => applyFirewall(firewallOf(names, offline, options), policy));
      },
      undo: () => withFirewall(system, (policy) => removeFirewall(names.rules, policy)),
    },
    {
      name: 'hide_users',
      run: () => joined(users.map((name) => hide(system, name))),
      undo: () => joined(users.map((name) => system.registry.remove(HIDDEN_USERS, name)?.toString() ?? null)),
    },
    {
      name: 'access',
      run: async () => {
        const { group } = known(made);
        const plan = readingPlan(options.readable.filter((folder) => fs.existsSync(folder)));
        (await applyAccess(plan, { codexHome, group: group.sid, lists: system.lists })).release();
        return null;
      },
      undo: async () => {
        if (!fs.existsSync(state.setupFolder(codexHome))) return null;
        return joined(await removeAccess({ codexHome, lists: system.lists }));
      },
    },
    {
      name: 'canaries',
      run: async () => {
        const walls = await system.prove(codexHome, markerOf(made, options, system));
        const open = walls.filter(({ result }) => result !== 'held').map(({ name, result }) => `${name} (${result})`);
        if (walls.length === 0) return 'no canary ran';
        return open.length === 0 ? null : `these walls do not hold: ${open.join('; ')}`;
      },
      undo: () => null,
    },
    {
      name: 'marker',
      run: () => {
        state.writeMarker(codexHome, markerOf(made, options, system));
        return state.readSetup(codexHome).status === 'ready' ? null : 'the marker cannot be read back';
      },
      undo: () => {
        state.removeMarker(codexHome);
        return null;
      },
    },
  ];
}

const joined = (texts: readonly (string | null)[]): string | null =>
  texts.filter((text) => text !== null).join('; ') || null;

function known(made: Made): Required<Made> {
  const { group, offline, online, passwords } = made;
  if (!group || !offline || !online || !passwords) throw new TypeError('a step ran before the one that it needs');
  return { group, offline, online, passwords };
}

function makeUsers(system: SetupSystem, names: SetupNames, made: Made): string | null {
  const { group } = made;
  if (group === undefined) throw new TypeError('the users are made before their group');
  const passwords = { offline: system.password(), online: system.password() };
  for (const which of ['offline', 'online'] as const) {
    const user = makeUser(system, names[which], passwords[which], group);
    if (typeof user === 'string') return user;
    made[which] = user;
  }
  if (made.offline?.sid === made.online?.sid) return 'Windows gave both users the same SID';
  made.passwords = passwords;
  return null;
}

function storePasswords(codexHome: string, { secrets }: SetupSystem, made: Made): string | null {
  const { passwords } = known(made);
  state.writePasswords(codexHome, passwords, secrets);
  const same = (['offline', 'online'] as const).every(
    (user) => state.readPassword(codexHome, user, secrets) === passwords[user],
  );
  return same ? null : 'the passwords cannot be read back';
}

const firewallOf = (
  { rules }: SetupNames,
  { sid }: SandboxAccount,
  { lanePorts, allowLocalBinding }: SetupOptions,
): OfflineFirewall => ({ prefix: rules, sid, lanePorts, allowLocalBinding });

function withFirewall(
  system: SetupSystem,
  use: (policy: Exclude<ReturnType<SetupSystem['openFirewall']>, Win32Error>) => string | null,
): string | null {
  const policy = system.openFirewall();
  if (policy instanceof Win32Error) return `the firewall cannot be reached: ${policy.toString()}`;
  try {
    return use(policy);
  } finally {
    policy.free();
  }
}

function hide({ registry }: SetupSystem, name: string): string | null {
  const error = registry.setNumber(HIDDEN_USERS, name, 0);
  if (error !== null) return error.toString();
  const read = registry.number(HIDDEN_USERS, name);
  return read === 0 ? null : `${name} is still shown on the logon screen`;
}

const readingPlan = (folders: readonly string[]): AccessPlan => ({
  capabilities: [],
  entries: folders.map((folder) => ({
    path: folder,
    effect: 'allow',
    to: 'group',
    mask: RIGHTS.readAndExecute,
    inheritance: 'all',
  })),
  create: [],
});

function markerOf(made: Made, { lanePorts, allowLocalBinding }: SetupOptions, system: SetupSystem): SetupMarker {
  const { group, offline, online } = known(made);
  return {
    version: state.SETUP_VERSION,
    users: { offline, online },
    group,
    lanePorts,
    allowLocalBinding,
    createdAt: system.now().toISOString(),
  };
}
