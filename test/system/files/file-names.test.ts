import t from 'tap';
import { foldName } from '../../../server/system/files/file-names.js';

t.test('names differ in case on Linux, and are the same elsewhere', async (t) => {
  const isOne = process.platform === 'win32' || process.platform === 'darwin';
  t.equal(foldName('Ab') === foldName('aB'), isOne);
});
