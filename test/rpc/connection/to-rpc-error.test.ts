import t from 'tap';
import { CODES, type Code } from '../../../server/errors/codes.js';
import { CodexdError } from '../../../server/errors/codexd-error.js';
import { invalidParams } from '../../../server/errors/rpc-error.js';
import { toRpcError } from '../../../server/rpc/connection/to-rpc-error.js';

void t.test('an answer stays unchanged', async (t) => {
  const answer = invalidParams('size must not be 0', { most: 1 });
  t.equal(toRpcError('model/list', answer), answer);
});

void t.test('the table decides which errors are answered with their own message', async (t) => {
  for (const code of Object.keys(CODES) as Code[]) {
    const { rpcCode } = CODES[code];
    const expected =
      rpcCode === null
        ? { code: 'request.unexpected', rpcCode: -32603, message: 'thread/read failed unexpectedly: why' }
        : { code, rpcCode, message: 'why', data: 1 };
    t.match(toRpcError('thread/read', new CodexdError(code, 'why', { data: 1 })), expected, code);
  }
});

void t.test('for errors of the operating system and unexpected ones, the answer names the method first', async (t) => {
  const full = Object.assign(new Error('ENOSPC: said Node'), { code: 'ENOSPC' });
  t.match(toRpcError('config/read', full), {
    code: 'machine.os',
    message: 'config/read failed: no space is left on the disk (ENOSPC)',
    cause: full,
  });
  t.match(toRpcError('config/read', new TypeError('x is undefined')), {
    code: 'request.unexpected',
    rpcCode: -32603,
    message: 'config/read failed unexpectedly: x is undefined',
  });
  t.match(toRpcError('config/read', 'text'), { message: 'config/read failed unexpectedly: text' });
});
