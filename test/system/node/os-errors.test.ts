import { laneError } from '../../../server/errors/network-errors.js';
import t from 'tap';
import { isTransient, osTroubleText, PASSES, TRANSIENT_WORDS } from '../../../server/system/node/os-errors.js';
import { explain } from '../../../server/sandbox/linux/probe.js';

const osError = (code: string, rest: object = {}): Error => Object.assign(new Error(`${code}: raw`), { code, ...rest });

t.test('a transient error is described as transient, with the path and the code', async (t) => {
  for (const code of ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO']) {
    t.ok(isTransient(osError(code)), code);
    t.match(osTroubleText(osError(code, { syscall: 'open', path: '/x/y' })), new RegExp(`: open /x/y \\(${code}\\)$`));
  }
});

t.test('an error that wraps a transient error is transient', async (t) => {
  const outer = new Error('the folder cannot be used', { cause: new Error('inner', { cause: osError('ENOSPC') }) });
  t.ok(isTransient(outer));
  t.equal(osTroubleText(outer), 'no space is left on the disk (ENOSPC)');
});

t.test('a forbidden place is not transient, and other errors have no such text', async (t) => {
  t.notOk(isTransient(osError('EACCES')));
  t.match(
    osTroubleText(osError('EACCES', { syscall: 'mkdir', path: '/x' })),
    'this user may not use it: mkdir /x (EACCES)',
  );
  for (const error of [osError('ENOENT', { syscall: 'open', path: '/x' }), new TypeError('x'), 'text', null]) {
    t.equal(osTroubleText(error), null);
    t.notOk(isTransient(error));
  }
});

t.test('a machine that is out of processes gets no advice about its namespaces', async (t) => {
  const machine = { container: true, wsl1: false, sysctl: {} };
  const said = 'bwrap: Creating new namespace failed: Resource temporarily unavailable';
  t.match(said, TRANSIENT_WORDS);
  t.equal(explain(said, machine).fix, PASSES);
  t.notMatch(laneError('x', PASSES).message, /sysctl|turn the network proxy off/);
});
