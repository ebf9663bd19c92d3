import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  createFile,
  createFolder,
  ERROR_ALREADY_EXISTS,
  ERROR_FILE_EXISTS,
} from '../../../server/system/windows/win32-files.js';
import { ERROR_SUCCESS } from '../../../server/system/windows/win32.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

const LIST = 'D:P(A;OICI;FA;;;OW)';
const PATH_NOT_FOUND = 3;

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => createFile('/x', LIST), { code: 'machine.native-module' });
  t.throws(() => createFolder('/x', LIST), { code: 'machine.native-module' });
});

t.test('they are made once, and a failure is a number', onWindows, async (t) => {
  const folder = path.join(t.testdir(), 'folder');
  t.equal(createFolder(folder, LIST), ERROR_SUCCESS);
  t.equal(createFolder(folder, LIST), ERROR_ALREADY_EXISTS);
  const file = path.join(folder, 'file');
  t.equal(createFile(file, LIST), ERROR_SUCCESS);
  t.equal(fs.statSync(file).size, 0);
  fs.writeFileSync(file, 'x', { flag: 'r+' });
  t.equal(createFile(file, LIST), ERROR_FILE_EXISTS);
  t.equal(fs.readFileSync(file, 'utf8'), 'x');
  t.equal(createFile(path.join(folder, 'none', 'file'), LIST), PATH_NOT_FOUND);
  t.equal(createFolder(path.join(folder, 'none', 'folder'), LIST), PATH_NOT_FOUND);
});
