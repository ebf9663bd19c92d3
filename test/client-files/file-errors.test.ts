import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { fileCall, fileFailure, filePath } from '../../server/client-files/file-errors.js';
import { fault } from '../../server/errors/fault.js';

t.test('a path gets its normal form without a look at the disk', async (t) => {
  t.equal(filePath('/w/nope/../a/./b//'), path.resolve('/w/a/b'));
  t.equal(filePath('/../..'), path.resolve('/'));
  t.throws(() => filePath('/a\0b'), { rpcCode: -32600, message: 'file name contained an unexpected NUL byte' });
});

t.test('what the system refuses is answered in its words, with its number', async (t) => {
  const missing = path.join(t.testdir(), 'missing');
  await t.rejects(
    fileCall(() => fs.promises.readFile(missing)),
    {
      rpcCode: -32603,
      message: /^(No such file or directory|The system cannot find the file specified\.) \(os error 2\)$/,
    },
  );
});

t.test('an invalid argument is an invalid request', async (t) => {
  const failure = fileFailure(Object.assign(new Error('EINVAL'), { code: 'EINVAL', errno: -22, syscall: 'open' }));
  t.match(failure, { rpcCode: -32600 });
});

t.test('other errors stay what they are', async (t) => {
  const bug = fault('a bug');
  t.equal(fileFailure(bug), bug);
  const plain = new TypeError('x');
  t.equal(fileFailure(plain), plain);
});
