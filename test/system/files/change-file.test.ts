import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { changeFile } from '../../../server/system/files/change-file.js';

t.test('simultaneous changes are made one after the other, none is lost', async (t) => {
  const staging = t.testdir({});
  const file = path.join(staging, 'list');
  const add = (line: string): Promise<void> =>
    changeFile({ file, staging, lockName: '.lock', render: (text) => `${text}${line}\n` });
  await Promise.all(['a', 'b', 'c', 'd'].map(add));
  t.same(fs.readFileSync(file, 'utf8').trim().split('\n').sort(), ['a', 'b', 'c', 'd']);
  t.same(fs.readdirSync(staging), ['list'], 'neither lock nor temporary file is left');
});

t.test('an edit without the lock is kept: the change is repeated on the newest text', async (t) => {
  const staging = t.testdir({ list: 'one\n' });
  const file = path.join(staging, 'list');
  let calls = 0;
  const replaced: string[] = [];
  await changeFile({
    file,
    staging,
    lockName: '.lock',
    render(text) {
      if (calls++ === 0) fs.writeFileSync(file, 'one\neditor\n');
      return `${text}mine\n`;
    },
    onReplaced: (base, text) => void replaced.push(base.text, text),
  });
  t.equal(calls, 2);
  t.same(replaced, ['one\neditor\n', 'one\neditor\nmine\n']);
  t.equal(fs.readFileSync(file, 'utf8'), 'one\neditor\nmine\n');
});

t.test('the same text writes nothing; a file that changes continuously is an error', async (t) => {
  const staging = t.testdir({ list: 'one\n' });
  const file = path.join(staging, 'list');
  const before = fs.statSync(file, { bigint: true }).ctimeNs;
  await changeFile({ file, staging, lockName: '.lock', render: (text) => text });
  t.equal(fs.statSync(file, { bigint: true }).ctimeNs, before);
  let count = 0;
  const restless = changeFile({
    file,
    staging,
    lockName: '.lock',
    render(text) {
      fs.writeFileSync(file, `editor ${++count}\n`);
      return `${text}mine\n`;
    },
  });
  await t.rejects(restless, { message: `${file} is being changed by somebody else all the time` });
  t.same(fs.readdirSync(staging), ['list']);
});
