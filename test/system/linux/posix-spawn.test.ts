import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { loadPosixSpawn, type SpawnEnd, type SpawnRequest } from '../../../server/system/linux/posix-spawn.js';
import { runToEnd } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';

if (process.platform !== 'linux') t.bailout('these are calls to Linux');

const posix = loadPosixSpawn(packageRoot());

interface Run {
  readonly end: SpawnEnd | null;
  readonly text: string;
}

/** Runs it to its end, with its standard output in a file. */
async function run(
  t: { testdir(): string },
  argv: readonly string[],
  { more = [], ...changes }: Partial<SpawnRequest> & { readonly more?: readonly number[] } = {},
): Promise<Run> {
  const output = path.join(t.testdir(), 'output');
  const descriptor = fs.openSync(output, 'w');
  const pid = posix.start({
    file: argv[0] ?? '',
    argv,
    cwd: '/',
    env: {},
    descriptors: [null, descriptor, null, ...more],
    newSession: false,
    ...changes,
  });
  fs.closeSync(descriptor);
  if (pid === null) return { end: null, text: '' };
  let end: SpawnEnd | null = null;
  await until(() => (end = posix.collect(pid)) !== null, 'it has ended');
  return { end, text: fs.readFileSync(output, 'utf8') };
}

t.test('a program gets its words, variables and folder, and its end is known', async (t) => {
  const words = ['', 'a b', '漢字 🎉', "'$x'"];
  const cwd = fs.realpathSync(t.testdir({}));
  const { end, text } = await run(t, ['/bin/sh', '-c', 'printf "%s|" "$@" "$A" "$PWD"; exit 7', 'sh', ...words], {
    cwd,
    env: { A: 'b=c d' },
  });
  t.same(text.split('|').slice(0, -1), [...words, 'b=c d', cwd]);
  t.same(end, { code: 7, signal: null });
  t.same((await run(t, ['/bin/sh', '-c', 'kill -TERM $$'])).end, { code: null, signal: 'SIGTERM' });
});

t.test('its name is the one that was asked for, and its file another', async (t) => {
  const { text } = await run(t, ['another', '/proc/self/cmdline'], { file: '/bin/cat' });
  t.equal(text, 'another\0/proc/self/cmdline\0');
});

t.test('it has the signals of a new program, and nothing open but what it was given', async (t) => {
  const ignore = (): void => {};
  process.on('SIGUSR2', ignore);
  t.teardown(() => process.off('SIGUSR2', ignore));
  const more = fs.openSync('/etc/passwd', 'r');
  t.teardown(() => fs.closeSync(more));
  const { text } = await run(t, ['/bin/cat', '/proc/self/status']);
  for (const name of ['SigBlk', 'SigIgn', 'SigCgt']) t.match(text, new RegExp(`^${name}:\\s+0+$`, 'm'), name);
  const list = ['/bin/ls', '/proc/self/fd'] as const;
  const inherited = runToEnd(list[0], list.slice(1)).stdout;
  t.equal((await run(t, list)).text, inherited);
});

t.test('descriptors above the third become its own, at their places', async (t) => {
  const more = ['/etc/hostname', '/etc/passwd'].map((file) => fs.openSync(file, 'r'));
  const look = 'readlink /proc/$$/fd/3 /proc/$$/fd/4 /proc/$$/fd/0';
  const { end, text } = await run(t, ['/bin/sh', '-c', look], { more });
  for (const descriptor of more) fs.closeSync(descriptor);
  t.same(end, { code: 0, signal: null });
  t.same(text.split('\n'), ['/etc/hostname', '/etc/passwd', '/dev/null', '']);
});

t.test('a session of its own, or that of this process', async (t) => {
  const fields = async (newSession: boolean): Promise<string[]> =>
    (await run(t, ['/bin/cat', '/proc/self/stat'], { newSession })).text.split(' ');
  const [pid, , , , group, session] = await fields(true);
  t.same([group, session], [pid, pid]);
  const own = fs.readFileSync('/proc/self/stat', 'latin1').split(' ');
  t.equal((await fields(false))[5], own[5]);
});

t.test('what the system refuses starts nothing', async (t) => {
  const folder = t.testdir({ text: 'no program' });
  fs.chmodSync(path.join(folder, 'text'), 0o755);
  const refused: Record<string, Partial<SpawnRequest>> = {
    'no such file': { file: '/nothing/there' },
    'no program': { file: path.join(folder, 'text') },
    'no such folder': { cwd: '/nothing/there' },
    'a descriptor that is closed': { descriptors: [null, 9999, null] },
  };
  for (const [name, request] of Object.entries(refused)) {
    const pid = posix.start({
      file: '/bin/true',
      argv: ['true'],
      cwd: '/',
      env: {},
      descriptors: [null, null, null],
      newSession: false,
      ...request,
    });
    t.equal(pid, null, name);
  }
});

t.test('without its package it says which is missing', (t) => {
  t.throws(() => loadPosixSpawn(t.testdir()), { code: 'machine.native-module' });
  t.end();
});
