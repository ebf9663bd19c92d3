/** How the other end of a connection is named, and which are on this machine. */
import t from 'tap';
import { isLocal, peerOf } from '../../../server/rpc/transports/peer.js';

t.test('an end is named by its address and port; a unix socket has no name', async (t) => {
  t.equal(peerOf({ remoteAddress: '127.0.0.1', remotePort: 4242 }), '127.0.0.1:4242');
  t.equal(peerOf({ remoteAddress: undefined, remotePort: undefined }), null);
});

t.test('addresses of loopback and unix sockets are on this machine', async (t) => {
  for (const address of [undefined, '127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) t.ok(isLocal(address));
  for (const address of ['10.0.0.1', '192.168.127.1', '::ffff:10.0.0.1', 'fe80::1', '1127.0.0.1'])
    t.notOk(isLocal(address));
});
