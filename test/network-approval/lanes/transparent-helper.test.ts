// Not in test:quick: it makes real namespaces.
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createLanePool } from '../../../server/network-approval/lanes/lanes.js';
import { RESOLVER_ADDRESS, TRANSPARENT_PORT } from '../../../server/network-approval/lanes/transparent-places.js';
import { packageRoot } from '../../../server/package/package-root.js';
import { runToEnd } from '../../fixtures/programs.js';
import { runWhileStopped, status } from '../support/lane-commands.js';

if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');
t.setTimeout(60_000);

t.test('a lane has loopback alone, a route to itself for every address, and sockets for each command', async (t) => {
  const pool = createLanePool({ status, kind: 'transparent', size: { pairsPerLane: 2, maxLanes: 1 } });
  t.teardown(() => pool.close());
  const first = await pool.acquire({ owner: 'a', transparent: true });
  t.type(first.transparent?.ipv6, 'boolean');
  first.accept(
    (socket) => socket.destroy(),
    (socket) => socket.destroy(),
    { connection: (socket) => socket.destroy(), question: () => {} },
  );
  const seen = runWhileStopped(
    first.enter,
    'cat /proc/net/dev | tail -n +3 | cut -d: -f1; cat /proc/net/tcp /proc/net/udp',
  );
  t.match(seen, /^\s*lo\n/, 'no other interface');
  const listening = seen.split('\n').filter((line) => / 0A /.test(line) && line.includes(`:${hex(TRANSPARENT_PORT)} `));
  t.equal(listening.length, 1, 'one socket listens');
  for (const address of ['00000000', '3500007F'])
    t.match(seen, new RegExp(`${address}:0035 .* 07 `), 'its name server');
  t.equal(RESOLVER_ADDRESS, '127.0.0.53');
  first.end({ reusable: true });
  const second = await pool.acquire({ owner: 'a', transparent: true });
  t.equal(second.networkNamespace, first.networkNamespace, 'the lane is used again');
  t.equal(pool.counts().made, 1);
  second.end({ reusable: false });
});

t.test('without the native module it says what is missing', async (t) => {
  const helper = path.join(packageRoot(), 'dist', 'transparent-helper.cjs');
  t.ok(fs.existsSync(helper));
  const { stderr, exitCode } = runToEnd(process.execPath, [helper, t.testdir(), '1'], { reject: false });
  t.equal(exitCode, 1);
  t.match(
    stderr,
    /lanes of `transparent_tcp` need @koromix\/koffi-linux-\w+ [\d.]+, which is not in .*; install codexd with its optional dependencies/,
  );
});

t.test('without the capability the kernel refuses, and the step is named', async (t) => {
  const helper = path.join(packageRoot(), 'dist', 'transparent-helper.cjs');
  // A user namespace alone: the network is the host's, which this process may not change.
  const words = ['--dev-bind', '/', '/', '--unshare-user', '--', process.execPath, helper, packageRoot(), '1'];
  const { program } = (await status()) as { program: string };
  const { stderr, exitCode } = runToEnd(program, words, { reject: false });
  t.equal(exitCode, 1);
  t.match(stderr, /this kernel does not take a local route to every ipv4 address: message 0 was refused \(EPERM\)/);
});

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
