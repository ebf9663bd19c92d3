import t from 'tap';
import { describe } from '../../server/errors/describe.js';
import { fault } from '../../server/errors/fault.js';
import { toRpcError } from '../../server/rpc/connection/to-rpc-error.js';

t.test('a broken invariant is a bug: with a stack in the log, and unexpected on the wire', async (t) => {
  const error = fault('a lane without sockets is idle');
  t.equal(error.kind, 'bug');
  const [message, { code, stack }] = describe('it failed', error);
  t.equal(message, 'it failed: a lane without sockets is idle');
  t.equal(code, 'unexpected');
  t.match(stack, /fault\.test/);
  t.match(toRpcError('thread/read', error), {
    code: 'request.unexpected',
    rpcCode: -32603,
    message: 'thread/read failed unexpectedly: a lane without sockets is idle',
  });
});
