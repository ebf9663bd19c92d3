import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { setupSteps } from '../../../../server/sandbox/windows/setup/setup-steps.js';
import { fakeMachine } from './fake-machine.js';

t.test('the order: the rules before the canaries, the marker last', async (t) => {
  const { system } = fakeMachine();
  const options = { codexHome: t.testdir(), lanePorts: [], allowLocalBinding: false, readable: [] };
  t.strictSame(
    setupSteps(options, system).map(({ name }) => name),
    ['folder', 'group', 'users', 'secrets', 'firewall', 'hide_users', 'access', 'canaries', 'marker'],
  );
});

t.test('every undo works alone, where nothing was made', async (t) => {
  const machine = fakeMachine();
  const root = fs.realpathSync.native(t.testdir());
  const options = { codexHome: path.join(root, 'none'), lanePorts: [], allowLocalBinding: true, readable: [] };
  for (const { name, undo } of setupSteps(options, machine.system)) t.equal(await undo(), null, name);
  t.ok(machine.isClean());
});

t.test('canaries that did not run, or found a hole, end the set-up', async (t) => {
  const options = {
    codexHome: fs.realpathSync.native(t.testdir()),
    lanePorts: [48100],
    allowLocalBinding: false,
    readable: [],
  };
  const outcome = async (walls: readonly { name: string; result: 'held' | 'leaked' | 'unreadable' }[]) => {
    const { system } = fakeMachine();
    for (const { name, run } of setupSteps(options, { ...system, prove: () => Promise.resolve(walls) })) {
      const text = await run();
      if (name === 'canaries') return text;
      t.equal(text, null, name);
    }
    return 'not reached';
  };
  t.equal(await outcome([{ name: 'a', result: 'held' }]), null);
  t.equal(await outcome([]), 'no canary ran');
  t.equal(
    await outcome([
      { name: 'a', result: 'held' },
      { name: 'udp on loopback', result: 'leaked' },
      { name: 'the lane', result: 'unreadable' },
    ]),
    'these walls do not hold: udp on loopback (leaked); the lane (unreadable)',
  );
});
