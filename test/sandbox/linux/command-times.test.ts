import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createCommandTimes } from '../../../server/sandbox/linux/command-times.js';
import { elapse, until } from '../../fixtures/until.js';

/** A daemon's own folder, a folder where commands write, and what goes wrong. */
function scene(t: Test) {
  const root = t.testdir({ own: {}, work: {} });
  const own = path.join(root, 'own');
  const warnings: string[] = [];
  return {
    own,
    work: path.join(root, 'work'),
    warnings,
    open: () => createCommandTimes(own, (message) => warnings.push(message)),
    written: () => fs.existsSync(path.join(own, 'command-times')),
  };
}

/** Longer than a tick of the clock that stamps files. */
const TICK_MS = 40;
const apart = (): Promise<void> => elapse(TICK_MS, 'stamps of files differ');

function make(folder: string, name: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, '');
  return file;
}

/** Where the kernel tells no birth, every origin is unknown. */
const skip = fs.statSync('/').birthtimeMs === fs.statSync('/').ctimeMs && 'no birth times here';

t.test('what is born while a command runs is the command’s, and what is born before or behind it is not', async (t) => {
  const s = scene(t);
  const times = s.open();
  const before = make(s.work, 'before');
  await apart();
  const end = times.begin([s.work]);
  await apart();
  const during = make(s.work, 'during');
  const elsewhere = make(s.own, 'elsewhere');
  t.equal(times.madeByCommand(during), !skip, 'it still runs');
  await apart();
  end();
  await apart();
  const after = make(s.work, 'after');
  t.strictSame([before, during, after, elsewhere].map(times.madeByCommand), [false, !skip, false, false]);
  t.equal(times.madeByCommand(path.join(s.work, 'nothing')), false);
});

t.test('the times hold for the next daemon of the home', { skip }, async (t) => {
  const s = scene(t);
  const times = s.open();
  const end = times.begin([s.work]);
  await apart();
  const file = make(s.work, 'file');
  await apart();
  end();
  end();
  await until(s.written, 'the times are written');
  t.equal(fs.readFileSync(path.join(s.own, 'command-times'), 'utf8').trimEnd().split('\n').length, 1, 'once');
  fs.appendFileSync(path.join(s.own, 'command-times'), '[1,2\nnull\n');
  t.equal(s.open().madeByCommand(file), true, 'and lines that are not whole are passed over');
});

t.test('what waits to be written is written when the process ends, and nothing waits behind that', async (t) => {
  const s = scene(t);
  const idle = process.listenerCount('exit');
  const all = Array.from({ length: 20 }, s.open);
  t.equal(process.listenerCount('exit'), idle, 'a daemon that ran no command waits for nothing');
  all[0]?.begin([s.work])();
  all[0]?.begin([s.work])();
  const [flush] = process.listeners('exit').slice(-1);
  t.equal(process.listenerCount('exit'), idle + 1);
  flush?.call(process, 0);
  t.ok(s.written());
  t.equal(process.listenerCount('exit'), idle);
});

t.test('times that cannot be written are a warning that says what follows', async (t) => {
  const s = scene(t);
  fs.mkdirSync(path.join(s.own, 'command-times'));
  s.open().begin([s.work])();
  await until(() => s.warnings.length > 0, 'the warning');
  t.match(s.warnings, [/^what commands made will be read-only after a restart: .*command-times: EISDIR/]);
});
