import t from 'tap';
import { isSandboxedPeer } from '../../../server/system/darwin/sandboxed-peer.js';

const ENDS = { remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 2 };

t.test('only a process that is known, stays the same and is in no sandbox is none', async (t) => {
  const peer = (sandboxed: boolean, same = true) =>
    isSandboxedPeer(ENDS, async () => ({ pid: 7, isStillIts: async () => same }), { isSandboxed: () => sandboxed });
  t.equal(await peer(false), false);
  t.equal(await peer(true), true);
  t.equal(await peer(false, false), true, 'another process has its number');
  t.equal(await isSandboxedPeer(ENDS, async () => undefined, { isSandboxed: () => false }), true, 'nobody has it');
});
