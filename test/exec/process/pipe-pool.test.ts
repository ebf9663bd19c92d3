import fs from 'node:fs';
import t from 'tap';
import { createPipePool } from '../../../server/exec/process/pipe-pool.js';
import { runToEnd } from '../../fixtures/programs.js';

/** Where koffi is missing, programs make the pipes. */
const WAYS = { 'by the kernel': undefined, 'by a program': () => null };

for (const [way, direct] of Object.entries(WAYS))
  t.test(`${way}: each pipe is separate, and has no name`, async (t) => {
    const pool = createPipePool((message) => t.fail(message), direct);
    t.teardown(() => pool.close());
    const pipes = await Promise.all(Array.from({ length: 120 }, () => pool.output()));
    t.equal(new Set(pipes.map((pipe) => fs.fstatSync(pipe?.ours ?? -1).ino)).size, 120, 'more than one batch makes');
    for (const pipe of pipes) {
      if (!pipe) throw new Error('no pipe');
      t.match(fs.readlinkSync(`/proc/self/fd/${pipe.ours}`), /^pipe:\[\d+\]$/);
      fs.writeSync(pipe.theirs, 'x');
      fs.closeSync(pipe.theirs);
      const buffer = Buffer.alloc(10);
      t.equal(fs.readSync(pipe.ours, buffer), 1);
      t.equal(fs.readSync(pipe.ours, buffer), 0, 'the end, when the writer has closed');
      fs.closeSync(pipe.ours);
    }
  });

for (const [way, direct] of Object.entries(WAYS))
  t.test(`${way}: only the daemon reads a command’s output, so the command notices when reading stops`, async (t) => {
    const pool = createPipePool((message) => t.fail(message), direct);
    t.teardown(() => pool.close());
    const pipe = await pool.output();
    if (!pipe) throw new Error('no pipe');
    fs.closeSync(pipe.ours);
    t.throws(() => fs.writeSync(pipe.theirs, 'x'), { code: 'EPIPE' });
    fs.closeSync(pipe.theirs);
  });

for (const way of Object.keys(WAYS))
  t.test(
    `${way}: at the limit of open files it refuses, names the users of the descriptors, leaks none, and recovers at once`,
    (t) => {
      const script = `
    import fs from 'node:fs';
    import { createPipePool } from '${new URL('../../../server/exec/process/pipe-pool.js', import.meta.url).href}';
    const count = () => fs.readdirSync('/proc/self/fd').length;
    const pool = createPipePool((message) => console.error(message), ${way === 'by a program' ? '() => null' : 'undefined'});
    const first = await pool.output();
    const hold = [];
    try { for (;;) hold.push(fs.openSync('/dev/null', 'r')); } catch {}
    for (let n = 0; n < 2; n++) fs.closeSync(hold.pop());
    const full = count();
    const errors = [];
    // What is ready is used up first.
    for (let n = 0; n < 100; n++) {
      try {
        const pipe = await pool.output();
        fs.closeSync(pipe.ours);
        fs.closeSync(pipe.theirs);
        for (let end = 0; end < 2; end++) hold.push(fs.openSync('/dev/null', 'r'));
      } catch (error) { errors.push(error.message); }
    }
    // Listing them needs one.
      fs.closeSync(hold.pop());
      const after = count() + 1;
    for (const descriptor of hold) fs.closeSync(descriptor);
    const pipe = await pool.output();
    console.log(JSON.stringify({ errors: errors.length, error: errors.at(-1), full, after, recovered: pipe !== null }));
    pool.close();
  `;
      const run = runToEnd('bash', [
        '-c',
        'ulimit -n 100; exec "$@"',
        'x',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
      ]);
      t.equal(run.exitCode, 0, run.stderr);
      const { errors, error, full, after, recovered } = JSON.parse(run.stdout);
      t.ok(errors > 0);
      t.match(error, /too many open files: \d+ of 100 are in use, held by: .+ \(.*other files \d+/);
      t.ok(after <= full, 'nothing leaked');
      t.equal(recovered, true);
      t.end();
    },
  );

t.test('our end does not block, and a command can open its own again', async (t) => {
  const pool = createPipePool((message) => t.fail(message));
  t.teardown(() => pool.close());
  const [output, input] = [await pool.output(), await pool.input()];
  if (!output || !input) throw new Error('no pipe');
  t.throws(() => fs.readSync(output.ours, Buffer.alloc(1)), { code: 'EAGAIN' });
  t.throws(() => fs.writeSync(input.ours, Buffer.alloc(1 << 20)) === 1 << 20 || fs.writeSync(input.ours, 'x'), {
    code: 'EAGAIN',
  });
  const again = fs.openSync(`/proc/self/fd/${output.theirs}`, 'w');
  fs.writeSync(again, 'x');
  t.equal(fs.readSync(output.ours, Buffer.alloc(9)), 1);
  for (const descriptor of [again, ...Object.values(output), ...Object.values(input)]) fs.closeSync(descriptor);
});
