import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { setUpPorts } from '../../../server/network-approval/lanes/set-up-ports.js';
import { SETUP_VERSION, setupFolder, writeMarker } from '../../../server/sandbox/windows/setup-state.js';

const account = (name: string, id: number) => ({ name, sid: `S-1-5-21-1-2-3-${id}` });
const marker = (lanePorts: number[]) => ({
  version: SETUP_VERSION,
  users: { offline: account('codexd-offline', 1001), online: account('codexd-online', 1002) },
  group: account('codexd', 1003),
  lanePorts,
  allowLocalBinding: false,
  createdAt: '2026-01-01T00:00:00.000Z',
});

t.test('the ports are those of the set-up, at each moment; without one there is no lane', async (t) => {
  const home = t.testdir();
  t.throws(() => setUpPorts(undefined), { code: 'network.lane' });
  t.throws(() => setUpPorts(home), { code: 'network.lane', message: /not set up.*codexd windows-sandbox-setup/ });
  fs.mkdirSync(setupFolder(home), { recursive: true });
  writeMarker(home, marker([45_001, 45_002, 45_003, 45_004]));
  t.strictSame(setUpPorts(home), [45_001, 45_002, 45_003, 45_004]);
  for (const ports of [[], [45_001], [45_001, 45_001]]) {
    writeMarker(home, marker(ports));
    t.throws(() => setUpPorts(home), { code: 'network.lane', message: /no pair of ports/ });
  }
  fs.writeFileSync(path.join(setupFolder(home), 'setup.json'), '{"version":0}');
  t.throws(() => setUpPorts(home), { code: 'network.lane', message: /another version/ });
  fs.rmSync(setupFolder(home), { recursive: true });
  fs.mkdirSync(path.join(setupFolder(home), 'setup.json'), { recursive: true });
  t.throws(() => setUpPorts(home), { code: 'network.lane', message: /cannot be read/ });
});
