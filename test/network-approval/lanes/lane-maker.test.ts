/** Why a lane cannot be made, and that a missing part is looked for again (lanes.test.ts makes real ones). */
import t from 'tap';
import { LaneMaker } from '../../../server/network-approval/lanes/lane-maker.js';
import type { SandboxStatus } from '../../../server/sandbox/policy/sandbox.js';

t.test(
  'a sandbox that is not available is the reason, and its remedy the way out; the next try asks again',
  async (t) => {
    let asked = 0;
    const status = async (): Promise<SandboxStatus> => (
      asked++,
      { available: false, reason: 'bubblewrap is missing', fix: 'Install it' }
    );
    const maker = new LaneMaker({ status, tools: { nsenter: '/usr/bin/nsenter', helper: '' } }, { pairsPerLane: 2 });
    for (const _ of [1, 2])
      await t.rejects(maker.make(), { code: 'network.lane', message: /bubblewrap is missing.*Install it/s });
    t.equal(asked, 2);
    maker.close();
  },
);

t.test('too few descriptors are refused before a helper starts', async (t) => {
  const status = () => Promise.reject(new Error('nobody asks for it'));
  const bubblewrap = '/nowhere/bwrap' as never;
  const tools = { nsenter: '/usr/bin/nsenter', helper: '', bubblewrap };
  const maker = new LaneMaker({ status, tools }, { pairsPerLane: 1_000_000_000 });
  await t.rejects(maker.make(), { code: 'network.lane', message: /descriptor|open files/ });
});
