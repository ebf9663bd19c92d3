import fs from 'node:fs';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { loadNamelessPipes } from '../../../server/system/linux/nameless-pipes.js';
import { runToEnd } from '../../fixtures/programs.js';

if (process.platform !== 'linux') t.bailout('these are calls to Linux');

/** fcntl.h */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const flagsOf = (descriptor: number): number =>
  parseInt(/^flags:\s*([0-7]+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1] ?? '', 8);

t.test('the two ends of a pipe, of which one does not wait, and which children do not have', (t) => {
  const pipes = loadNamelessPipes(packageRoot());
  for (const end of ['reader', 'writer'] as const) {
    const pipe = pipes.make(end);
    if (pipe === null) throw new Error('no descriptor is left');
    for (const name of ['reader', 'writer'] as const) {
      const flags = flagsOf(pipe[name]);
      t.equal((flags & O_NONBLOCK) !== 0, name === end, `${name} of one for the ${end}`);
      t.ok(flags & O_CLOEXEC);
    }
    fs.writeSync(pipe.writer, 'x');
    t.equal(fs.readSync(pipe.reader, Buffer.alloc(9)), 1);
    fs.closeSync(pipe.reader);
    fs.closeSync(pipe.writer);
  }
  t.end();
});

t.test('at the limit of open files there is none', (t) => {
  const module = new URL('../../../server/system/linux/nameless-pipes.js', import.meta.url).href;
  const script = `
    const { loadNamelessPipes } = await import(${JSON.stringify(module)});
    const pipes = loadNamelessPipes(${JSON.stringify(packageRoot())});
    let made = 0;
    while (pipes.make('reader') !== null) made++;
    console.log(made > 5 && made < 30);
  `;
  const words = [process.execPath, '--input-type=module', '-e', script];
  const { stdout } = runToEnd('bash', ['-c', 'ulimit -n 60; exec "$@"', 'x', ...words]);
  t.equal(stdout, 'true\n');
  t.end();
});

t.test('without its package it says which is missing', (t) => {
  t.throws(() => loadNamelessPipes(t.testdir()), { code: 'machine.native-module' });
  t.end();
});
