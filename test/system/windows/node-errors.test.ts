import t from 'tap';
import { nodeError } from '../../../server/system/windows/node-errors.js';

t.test('errors have the members that Node gives its own', async (t) => {
  t.match(nodeError('open', 'C:\\a', 3), { code: 'ENOENT', syscall: 'open', path: 'C:\\a', message: /C:\\a/ });
  t.match(nodeError('connect', '\\\\.\\pipe\\x', 5), { code: 'EPERM', address: '\\\\.\\pipe\\x', path: undefined });
  t.ok(Number((nodeError('mkdir', 'C:\\a', 112) as NodeJS.ErrnoException).errno) < 0);
});

t.test('a number without a name is not guessed', async (t) => {
  t.equal(nodeError('open', 'C:\\a', 1337), null);
});
