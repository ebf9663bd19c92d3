/**
 * A Windows in memory for the set-up: accounts, registry, firewall, lists. Every call is recorded; one of them can fail
 * or do nothing and report success.
 */
import fs from 'node:fs';
import { Win32Error } from '../../../../server/system/windows/win32-security.js';
import type { SetupSystem } from '../../../../server/sandbox/windows/setup/setup-system.js';
import { key } from '../../../../server/sandbox/windows/access-list.js';
import { fakeFirewall } from './fake-firewall.js';

export interface FakeMachine {
  readonly system: SetupSystem;
  /** The names of all calls in their order. */
  readonly calls: string[];
  /** Whether the machine is as if nothing had ever been set up. */
  isClean(): boolean;
  /** `at`: the index of the call. `lie`: it reports success and does nothing; reads are not affected. */
  trouble: { readonly at: number; readonly how: 'fail' | 'lie' } | null;
  elevated: boolean;
  readonly firewall: ReturnType<typeof fakeFirewall>;
}

const USERS = 'S-1-5-32-545';
const ADMINISTRATORS = 'S-1-5-32-544';

/** The outcome of a call that has done its work. */
const done = (_work: unknown): null => null;

export function fakeMachine(): FakeMachine {
  const users = new Map<string, { sid: string; flags: number; password: string }>();
  const groups = new Map<string, { sid: string; members: Set<string> }>([
    ['Benutzer', { sid: USERS, members: new Set() }],
    ['Administratoren', { sid: ADMINISTRATORS, members: new Set(['S-1-5-21-1-2-3-500']) }],
  ]);
  const numbers = new Map<string, number>();
  const lists = new Map<string, { readonly place: string; readonly list: string }>();
  const firewall = fakeFirewall();
  let rid = 1000;
  const fake: FakeMachine = {
    calls: [],
    trouble: null,
    elevated: true,
    firewall,
    isClean: () =>
      users.size === 0 &&
      groups.size === 2 &&
      numbers.size === 0 &&
      firewall.rules.size === 0 &&
      [...lists.values()].every(({ place, list }) => list === '' || !fs.existsSync(place)),
    system: undefined as unknown as SetupSystem,
  };
  /** A call that changes something. */
  const change = (name: string, work: () => Win32Error | null): Win32Error | null => {
    const index = fake.calls.push(name) - 1;
    if (fake.trouble?.at !== index) return work();
    return fake.trouble.how === 'fail' ? new Win32Error(name, 5) : null;
  };
  /** A call that reads. */
  const read = <T>(name: string, work: () => T | Win32Error): T | Win32Error => {
    const index = fake.calls.push(name) - 1;
    return fake.trouble?.at === index && fake.trouble.how === 'fail' ? new Win32Error(name, 5) : work();
  };
  const sidOf = (name: string): string => users.get(name)?.sid ?? '';
  const system: SetupSystem = {
    accounts: {
      addUser: (name, password) =>
        change('addUser', () => {
          if (users.has(name)) return new Win32Error('NetUserAdd', 2224);
          users.set(name, { sid: `S-1-5-21-1-2-3-${++rid}`, flags: 0x10241, password });
          return null;
        }),
      setPassword: (name, password) =>
        change('setPassword', () => {
          const user = users.get(name);
          if (user) user.password = password;
          return user ? null : new Win32Error('NetUserSetInfo', 2221);
        }),
      setFlags: (name, flags) =>
        change('setFlags', () => {
          const user = users.get(name);
          if (user) user.flags = flags;
          return user ? null : new Win32Error('NetUserSetInfo', 2221);
        }),
      userFacts: (name) =>
        read('userFacts', () => {
          const user = users.get(name);
          return user ? { flags: user.flags, privilege: 1 } : new Win32Error('NetUserGetInfo', 2221);
        }),
      removeUser: (name) =>
        change('removeUser', () => {
          for (const { members } of groups.values()) members.delete(sidOf(name));
          return users.delete(name) ? null : new Win32Error('NetUserDel', 2221);
        }),
      addGroup: (name) =>
        change('addGroup', () => {
          if (groups.has(name)) return new Win32Error('NetLocalGroupAdd', 1379);
          groups.set(name, { sid: `S-1-5-21-1-2-3-${++rid}`, members: new Set() });
          return null;
        }),
      removeGroup: (name) =>
        change('removeGroup', () => (groups.delete(name) ? null : new Win32Error('NetLocalGroupDel', 2220))),
      addMember: (group, member) =>
        change('addMember', () => {
          const found = groups.get(group);
          if (!found) return new Win32Error('NetLocalGroupAddMembers', 2220);
          if (found.members.has(sidOf(member))) return new Win32Error('NetLocalGroupAddMembers', 1378);
          found.members.add(sidOf(member));
          return null;
        }),
      members: (group) => read('members', () => [...(groups.get(group)?.members ?? [])]),
    },
    registry: {
      number: (_key, value) => read('number', () => numbers.get(value) ?? null),
      setNumber: (_key, value, data) => change('setNumber', () => done(numbers.set(value, data))),
      remove: (_key, value) => change('removeNumber', () => done(numbers.delete(value))),
    },
    security: {
      accountOf: (name) =>
        read('accountOf', () => {
          const user = users.get(name);
          const group = groups.get(name);
          if (user) return { sid: user.sid, use: 1 };
          return group ? { sid: group.sid, use: 4 } : new Win32Error('LookupAccountName', 1332);
        }),
      nameOf: (sid) =>
        read(
          'nameOf',
          () => [...groups].find(([, group]) => group.sid === sid)?.[0] ?? new Win32Error('LookupAccountSid', 1332),
        ),
      isElevated: () => read('isElevated', () => fake.elevated),
      ownSids: () => read('ownSids', () => ['S-1-5-21-1-2-3-1000']),
    },
    openFirewall: () =>
      read('openFirewall', () => ({
        ...firewall,
        rule: (name) => read('rule', () => firewall.rule(name)),
        add: (rule) => change('addRule', () => firewall.add(rule)),
        remove: (name) => change('removeRule', () => firewall.remove(name)),
      })),
    lists: {
      read: (place) => {
        const found = read('readList', () => (fs.existsSync(place) ? null : new Win32Error('GetNamedSecurityInfo', 2)));
        if (found !== null) return { error: found.toString(), missing: found.code === 2 };
        const list = lists.get(key(place))?.list ?? '';
        return { sddl: `O:S-1-5-21-1-2-3-1000D:${list}${list.startsWith('P') ? '' : '(A;OICIID;FA;;;SY)'}` };
      },
      write: (place, sddl) =>
        change('writeList', () => done(lists.set(key(place), { place, list: sddl.replace(/^D:/, '') })))?.toString() ??
        null,
    },
    secrets: {
      protect: (plain) => Buffer.concat([Buffer.from('sealed'), plain]),
      unprotect: (sealed) => sealed.subarray(6),
    },
    prove: () => {
      const failed = read('prove', () => null);
      return Promise.resolve([
        { name: 'writing outside', result: 'held' },
        { name: 'the network', result: failed === null ? 'held' : 'leaked' },
      ]);
    },
    password: () => `Word-${++rid}`,
    now: () => new Date('2026-11-30T12:00:00Z'),
  };
  return Object.assign(fake, { system });
}
