import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { createPipePool } from '../../server/exec/pipe-pool.js';

const leftovers = (folder: string): string[] =>
  fs.readdirSync(folder).filter((name) => name.startsWith('codexd-pipes-'));

t.test('pipes are anonymous and each is its own', async (t) => {
  const pool = createPipePool((message) => t.fail(message));
  t.teardown(() => pool.close());
  const before = leftovers(os.tmpdir());
  const pipes = await Promise.all(Array.from({ length: 120 }, () => pool.output()));
  t.equal(new Set(pipes.map((pipe) => fs.fstatSync(pipe?.ours ?? -1).ino)).size, 120, 'more than one batch makes');
  for (const pipe of pipes) {
    if (!pipe) throw new Error('no pipe');
    fs.writeSync(pipe.theirs, 'x');
    fs.closeSync(pipe.theirs);
    const buffer = Buffer.alloc(10);
    t.equal(fs.readSync(pipe.ours, buffer), 1);
    t.equal(fs.readSync(pipe.ours, buffer), 0, 'the end, when the writer has closed');
    fs.closeSync(pipe.ours);
  }
  pool.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.same(leftovers(os.tmpdir()), before, 'no folder is left behind');
});

t.test('where no pipe can be made, that is said once and commands go on with sockets', async (t) => {
  const warnings: string[] = [];
  const tmpdir = process.env.TMPDIR;
  process.env.TMPDIR = path.join(t.testdir(), 'missing');
  t.teardown(() => {
    if (tmpdir === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = tmpdir;
  });
  const pool = createPipePool((message) => warnings.push(message));
  t.equal(await pool.output(), null);
  t.equal(await pool.input(), null);
  t.equal(warnings.length, 1);
});
