import t from 'tap';
import { prepareFiles } from '../../../server/system/files/prepare-files.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to wait for', notOnWindows, async (t) => {
  t.equal(prepareFiles(), undefined);
});

t.test('Windows is prepared once', onWindows, async (t) => {
  await prepareFiles();
  t.equal(prepareFiles(), undefined);
});
