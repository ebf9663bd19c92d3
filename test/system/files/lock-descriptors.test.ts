import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { lockDescriptors, LOCK_RESULTS } from '../../../server/system/files/lock-descriptors.js';
import { notOnWindows } from '../../fixtures/windows.js';

const open = (t: Test, file: string): number => {
  const fd = fs.openSync(file, 'a+');
  t.teardown(() => fs.closeSync(fd));
  return fd;
};

t.test('the second of two locks is refused at once', async (t) => {
  const file = path.join(t.testdir(), 'lock');
  t.equal(await lockDescriptors([open(t, `${file}.1`), open(t, file)]), 0);
  t.equal(await lockDescriptors([open(t, `${file}.2`), open(t, file)]), LOCK_RESULTS.busy);
});

t.test('without a program for locking there is no lock', notOnWindows, async (t) => {
  t.equal(await lockDescriptors([open(t, path.join(t.testdir(), 'lock'))], () => null), LOCK_RESULTS.noProgram);
});
