import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { LINUX_CALLS, loadNativeModule, TERMINALS } from '../../../server/system/node/native-module.js';

if (process.platform !== 'linux') t.bailout('elsewhere modules are loaded by the path of their file');

t.test('two modules that had the same descriptor, one after the other, are two modules', (t) => {
  // Nothing is opened between them, so the kernel gives the same number again.
  const calls = loadNativeModule(packageRoot(), LINUX_CALLS);
  const terminals = loadNativeModule(packageRoot(), TERMINALS);
  t.type((calls as { load: unknown }).load, 'function');
  t.type((terminals as { open: unknown }).open, 'function');
  t.end();
});
