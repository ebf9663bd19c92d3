import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { loadCLibrary } from '../../../server/system/linux/c-library.js';

if (process.platform !== 'linux') t.bailout('the C library of Linux');

t.test('it is loaded once, calls what it has, and says what it has not', (t) => {
  const library = loadCLibrary(packageRoot());
  t.equal(loadCLibrary(packageRoot()), library);
  t.equal(library.call('int getpid()')(), process.pid);
  t.equal(library.call('int close(int descriptor)')(-1), -1);
  t.equal(library.errno(), 9);
  t.throws(() => library.call('int no_such_function(int x)'), { code: 'machine.os', message: /no_such_function/ });
  t.throws(() => loadCLibrary(t.testdir()), { code: 'machine.native-module' });
  t.end();
});
