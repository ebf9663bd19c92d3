import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { removeSetup, runSetup } from '../../../../server/sandbox/windows/setup/setup.js';
import { setupNames } from '../../../../server/sandbox/windows/setup/setup-names.js';
import { readPassword, readSetup, setupFolder } from '../../../../server/sandbox/windows/setup-state.js';
import type { SetupOptions } from '../../../../server/sandbox/windows/setup/setup-system.js';
import { fakeMachine } from './fake-machine.js';

function place(t: Test): SetupOptions & { readonly codexHome: string } {
  const root = fs.realpathSync.native(t.testdir({ home: {}, program: {}, profile: {} }));
  return {
    codexHome: path.join(root, 'home'),
    lanePorts: [48100, 48101],
    allowLocalBinding: false,
    readable: [path.join(root, 'program'), path.join(root, 'profile'), path.join(root, 'not-there')],
  };
}

t.test('all steps in their order, the marker last', async (t) => {
  const options = place(t);
  const machine = fakeMachine();
  t.equal(await runSetup(options, machine.system), null);
  const names = setupNames(options.codexHome);
  t.match(readSetup(options.codexHome), {
    status: 'ready',
    marker: { users: { offline: { name: names.offline }, online: { name: names.online } }, lanePorts: [48100, 48101] },
  });
  t.equal(machine.firewall.rules.size, 6);
  t.match(readPassword(options.codexHome, 'offline', machine.system.secrets), /^Word-/);
  const order = machine.calls.filter((name) => ['addGroup', 'addUser', 'addRule', 'setNumber', 'prove'].includes(name));
  t.strictSame([...new Set(order)], ['addGroup', 'addUser', 'addRule', 'setNumber', 'prove']);
  t.equal(machine.calls.at(-1), 'prove', 'nothing is changed after the canaries');
});

t.test('a second set-up renews the passwords and changes nothing else; the removal leaves nothing', async (t) => {
  const options = place(t);
  const machine = fakeMachine();
  await runSetup(options, machine.system);
  const first = readPassword(options.codexHome, 'online', machine.system.secrets);
  const before = readSetup(options.codexHome);
  t.equal(await runSetup(options, machine.system), null);
  t.not(readPassword(options.codexHome, 'online', machine.system.secrets), first);
  t.strictSame(readSetup(options.codexHome), before);
  t.equal(await removeSetup(options, machine.system), null);
  t.ok(machine.isClean());
  t.notOk(fs.existsSync(setupFolder(options.codexHome)));
  t.equal(await removeSetup(options, machine.system), null, 'a second removal has nothing to do');
});

t.test('every call that fails or lies ends without a marker, and a removal cleans up what was made', async (t) => {
  const whole = fakeMachine();
  await runSetup(place(t), whole.system);
  const names = new Set<string>();
  for (const how of ['fail', 'lie'] as const)
    for (const [at, name] of whole.calls.entries()) {
      if (how === 'lie' && !/^(?:add|set|write|remove)/.test(name)) continue;
      const options = place(t);
      const machine = fakeMachine();
      machine.trouble = { at, how };
      const failure = await runSetup(options, machine.system);
      if (failure === null) {
        t.fail(`${name} (call ${at}) ${how}s, and the set-up succeeds`);
        continue;
      }
      names.add(failure.code);
      t.equal(
        readSetup(options.codexHome).status,
        'notConfigured',
        `${name} (call ${at}) ${how}s: ${failure.code}: ${failure.text}`,
      );
      machine.trouble = null;
      t.equal(await removeSetup(options, machine.system), null);
      t.ok(machine.isClean(), `the removal after ${name} (call ${at})`);
    }
  t.strictSame([...names].sort(), [
    'access',
    'canaries',
    'firewall',
    'folder',
    'group',
    'hide_users',
    'not_elevated',
    'users',
  ]);
});

t.test('a failed set-up over a whole one leaves no marker either, and the next one completes it', async (t) => {
  const options = place(t);
  const machine = fakeMachine();
  await runSetup(options, machine.system);
  const { calls } = fakeMachine();
  t.equal(calls.length, 0);
  machine.trouble = { at: machine.calls.length + 12, how: 'fail' };
  t.ok(await runSetup(options, machine.system));
  t.equal(readSetup(options.codexHome).status, 'notConfigured');
  machine.trouble = null;
  t.equal(await runSetup(options, machine.system), null);
  t.equal(readSetup(options.codexHome).status, 'ready');
});

t.test('a removal that fails says where, tries the rest, and is completed later', async (t) => {
  const options = place(t);
  const machine = fakeMachine();
  await runSetup(options, machine.system);
  const start = machine.calls.length;
  await removeSetup(options, machine.system);
  const calls = machine.calls.slice(start);
  for (const [i, name] of calls.entries()) {
    const again = fakeMachine();
    const fresh = place(t);
    await runSetup(fresh, again.system);
    again.trouble = { at: again.calls.length + i, how: 'fail' };
    const failure = await removeSetup(fresh, again.system);
    t.ok(failure, `${name} (call ${i})`);
    t.equal(readSetup(fresh.codexHome).status === 'ready', failure?.code === 'not_elevated');
    again.trouble = null;
    t.equal(await removeSetup(fresh, again.system), null);
    t.ok(again.isClean());
  }
});

t.test("without an administrator's rights nothing is touched", async (t) => {
  const options = place(t);
  const machine = fakeMachine();
  await runSetup(options, machine.system);
  machine.elevated = false;
  const before = machine.calls.length;
  t.match(await runSetup(options, machine.system), { code: 'not_elevated', text: /Run as administrator/ });
  t.match(await removeSetup(options, machine.system), { code: 'not_elevated' });
  t.equal(machine.calls.length, before + 2);
  t.equal(readSetup(options.codexHome).status, 'ready');
});
