import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { canBecome, type PreparedCall } from '../../../server/exec/process/prepared-start.js';
import { LAUNCH_ENVIRONMENT } from '../../../server/system/programs/system-program.js';
import { runToEnd, startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';
import { advanceFiles, MARK, openDescriptors, outputOf, prepare, pipesFor } from '../support/prepared.js';
import { alive } from '../support/processes.js';

const skip = process.platform === 'linux' ? false : 'only Linux has these';
const pipes = pipesFor(t);

const call = (words: readonly string[], changes: Partial<PreparedCall> = {}): PreparedCall => ({
  words,
  content: Buffer.from('content'),
  mark: [MARK[0], 'of the command'],
  stdin: false,
  onStart: () => {},
  ...changes,
});

t.test('every word arrives as it is, whatever a shell would make of it', { skip }, async (t) => {
  const folder = t.testdir();
  const high = String.fromCodePoint(...Array.from({ length: 0x800 - 0x80 }, (_, n) => 0x80 + n));
  const words = [
    '',
    "it's",
    "'",
    "''$(touch made)''",
    '$HOME `id` $((1+1)) ${PATH}',
    '; exit 7',
    '&& exit 7\nexit 7\n',
    '*?[a-z]~#!{a,b}',
    '-n',
    '\\n\\',
    '"double"',
    ' \t\n ',
    'ümläute — 漢字 🎉',
    high,
  ];
  t.ok(canBecome(words));
  const prepared = await prepare(folder, pipes);
  const output = await outputOf(prepared.become(call(['/usr/bin/printf', '%s\\0', ...words])));
  t.same(output.split('\0').slice(0, -1), words);
});

t.test('what shells read in different ways, or what is too long, is left to the ordinary start', (t) => {
  for (const code of [0, 1, 8, 0x0b, 0x0d, 0x1b, 0x7f])
    t.notOk(canBecome(['echo', `a${String.fromCharCode(code)}b`]), `the character ${code}`);
  t.ok(canBecome(['echo', 'x'.repeat(60_000)]));
  t.notOk(canBecome(['echo', 'x'.repeat(70_000)]));
  t.notOk(canBecome(['echo', "'".repeat(20_000)]), 'quotes become longer');
  t.end();
});

t.test('the command keeps its process, gets the files and pipes, and nothing else', { skip }, async (t) => {
  const folder = t.testdir();
  const before = openDescriptors();
  const prepared = await prepare(folder, pipes);
  let pid = 0;
  const look = 'readlink /proc/$$/fd/0; cat <&3; echo; ls /proc/$$/fd | tr "\\n" " "; cat /proc/$$/environ; exit 3';
  const child = prepared.become(call(['/bin/sh', '-c', look], { onStart: (started) => (pid = started.pid) }));
  t.equal(child?.pid, pid);
  const [input, content, descriptors, ...environment] = (await outputOf(child)).split(/\n| (?=[A-Z]+[=_])|\0/);
  t.same(await child?.exited, { code: 3, signal: null });
  t.equal(input, '/dev/null');
  t.equal(content, 'content');
  const inherited = runToEnd('/bin/sh', ['-c', 'ls /proc/$$/fd']).stdout.split('\n');
  t.same(
    descriptors?.split(' ').filter((descriptor) => !inherited.includes(descriptor)),
    ['3', '4'],
  );
  const expected = Object.entries({ ...LAUNCH_ENVIRONMENT, [MARK[0]]: 'of the command' });
  const set = environment.filter((entry) => !/^(PWD|OLDPWD|SHLVL|_)=|^$/.test(entry));
  t.same(set.sort(), expected.map(([name, value]) => `${name}=${value}`).sort());
  child?.stderr?.stop();
  await until(() => openDescriptors() === before, 'all descriptors are closed');
});

t.test('with input, the command reads everything after the line that starts it', { skip }, async (t) => {
  const prepared = await prepare(t.testdir(), pipes);
  const child = prepared.become(call(['/bin/cat'], { stdin: true }));
  await child?.stdin?.write(Buffer.from('one\ntwo'));
  child?.stdin?.end();
  t.equal(await outputOf(child), 'one\ntwo');
});

t.test('before its command, it has an environment of codexd and the mark', { skip }, async (t) => {
  process.env.ENV = '/tmp/not-for-shells';
  t.teardown(() => delete process.env.ENV);
  let pid = 0;
  const prepared = await prepare(t.testdir(), pipes);
  await until(() => (pid = waiting()[0] ?? 0) !== 0, 'it waits');
  const environment = fs.readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean);
  const expected = Object.entries({ ...LAUNCH_ENVIRONMENT, [MARK[0]]: MARK[1] });
  t.same(environment.sort(), expected.map(([name, value]) => `${name}=${value}`).sort());
  await prepared.dispose();
  t.same(waiting(), []);
});

t.test('one that has ended becomes nothing, and leaves nothing open', { skip }, async (t) => {
  const folder = t.testdir();
  const warm = await prepare(folder, pipes);
  await warm.dispose();
  const before = openDescriptors();
  let ended = 0;
  const prepared = await prepare(folder, pipes, () => ended++);
  await until(() => waiting().length === 1, 'it waits');
  const pid = waiting()[0] ?? 0;
  process.kill(pid, 'SIGKILL');
  // Nothing has been reported to this process yet: only the write notices.
  const until0 = performance.now() + 5000;
  while (performance.now() < until0 && stateOf(pid) !== 'Z');
  t.ok(prepared.usable);
  t.equal(prepared.become(call(['/bin/sh', '-c', 'touch made'], { onStart: () => t.fail('it starts') })), null);
  t.notOk(fs.existsSync(`${folder}/made`));
  await prepared.dispose();
  t.notOk(prepared.usable);
  t.equal(openDescriptors(), before);
  t.equal(ended, 0, 'its user knows');
  const other = await prepare(folder, pipes, () => ended++);
  await until(() => waiting().length === 1, 'another waits');
  process.kill(waiting()[0] ?? 0, 'SIGKILL');
  await until(() => ended === 1, 'its end is reported');
  t.notOk(other.usable);
  t.equal(openDescriptors(), before);
});

t.test('it ends with its daemon', { skip }, async (t) => {
  const fixture = fileURLToPath(new URL('../fixtures/prepared.js', import.meta.url));
  const daemon = startChild(process.execPath, [fixture, t.testdir()], { stdio: 'ignore' });
  await until(() => waiting(daemon.pid).length === 1, 'it waits');
  const [pid = 0] = waiting(daemon.pid);
  daemon.kill('SIGKILL');
  await until(() => stateOf(pid) === 'Z' || stateOf(pid) === '', 'it has ended');
});

t.test('without its files none is made, and nothing stays open', { skip }, async (t) => {
  const folder = t.testdir();
  const before = openDescriptors();
  const files = advanceFiles(`${folder}/missing`);
  const { prepareStart } = await import('../../../server/exec/process/prepared-start.js');
  await t.rejects(prepareStart({ pipes, files, enter: [], mark: MARK, onEnd: () => {} }), { code: 'ENOENT' });
  t.equal(openDescriptors(), before);
});

/** Those that wait, as children of this process or another. */
function waiting(parent = process.pid): number[] {
  return alive('codexd-sandbox').filter((pid) => fieldOf(pid, 1) === String(parent) && stateOf(pid) !== 'Z');
}
const stateOf = (pid: number): string => fieldOf(pid, 0);
function fieldOf(pid: number, field: number): string {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[field] ?? '';
  } catch {
    return '';
  }
}
