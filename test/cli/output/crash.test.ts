import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { runToEnd, startChild } from '../../fixtures/programs.js';

t.setTimeout(120_000);

const PROGRAM = path.join(packageRoot(), 'bin', 'codexd.cjs');
/** One long line of the bundle would show itself. */
const MAX_LINE = 300;

interface Run {
  /** A file in place of a pipe. */
  readonly output?: string;
  readonly preload?: string;
}

/** The built program, with its standard output into a pipe, or the file `output`; `preload` is run in it first. */
function run(t: Test, args: readonly string[], { output, preload = '' }: Run = {}) {
  const files = t.testdir({ home: {}, 'preload.cjs': preload });
  // The test runner has programs load modules of its own, which listen for what nobody handles: not this one.
  const words = [process.execPath, '--require', path.join(files, 'preload.cjs'), PROGRAM, ...args];
  const script = `unset NODE_OPTIONS; exec "$@"${output === undefined ? '' : ` >${output}`}`;
  return runToEnd('/bin/sh', ['-c', script, 'sh', ...words], { env: { CODEX_HOME: path.join(files, 'home') } });
}

/** Words, a stack, one line of what to report; nothing of the bundle's text. */
function isReport(t: Test, stderr: string, message: string): void {
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines[0], `Error: Error: ${message}`);
  t.ok(
    lines.slice(1, -1).every((line) => line === '' || /^ {4}at /.test(line)),
    stderr,
  );
  t.match(lines.at(-1), /^This is a mistake in codexd: please report these lines.* \(codexd \d[^ ]*, Node v\d.*\)\.$/);
  t.equal(lines.filter((line) => /please report/.test(line)).length, 1);
  t.ok(
    lines.every((line) => line.length < MAX_LINE),
    'no line of a bundle',
  );
}

t.test('an unhandled error prints what to report and no source', async (t) => {
  const ways = {
    thrown: `() => { throw new Error('planted') }`,
    rejected: `() => void Promise.reject(new Error('planted'))`,
  };
  // What is planted waits until the program is up: it is loaded sooner or later, as what else is preloaded wants.
  const plant = (act: string): string => `const act = ${act};
    const before = process.listenerCount('uncaughtException');
    const wait = () => (process.listenerCount('uncaughtException') > before ? act() : setImmediate(wait));
    setImmediate(wait);`;
  for (const [way, code] of Object.entries(ways)) {
    const { exitCode, stderr } = run(t, ['--help'], { preload: plant(code) });
    t.equal(exitCode, 1, way);
    isReport(t, stderr, 'planted');
  }
});

t.test('an unexpected error of a command prints what to report and no source', async (t) => {
  const preload = `process.stdout.write = () => { throw new Error('planted') };`;
  const { exitCode, stderr } = run(t, ['config', 'schema'], { preload });
  t.equal(exitCode, 1);
  isReport(t, stderr, 'planted');
});

t.test('output that cannot be written gives an error of one line', { skip: !fs.existsSync('/dev/full') }, async (t) => {
  for (const args of [['--help'], ['--version'], ['config', 'schema']]) {
    const { exitCode, stderr } = run(t, args, { output: '/dev/full' });
    t.equal(exitCode, 1, args.join(' '));
    t.match(stderr, /^Error: cannot write the output: .*no space left on device.*\n$/i);
  }
});

t.test('a reader that closed the pipe before any output is not an error', async (t) => {
  const child = startChild(
    '/bin/sh',
    ['-c', 'sleep 0.2; exec "$@"', 'sh', process.execPath, PROGRAM, 'config', 'schema'],
    { env: { CODEX_HOME: t.testdir() }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  t.equal(stderr, '');
  t.equal(code, 0);
});

t.test('a damaged bundle prints none of its source', async (t) => {
  const root = t.testdir({
    bin: {},
    dist: { 'codexd.cjs': `const a = 1;${'x'.repeat(1000)}(;` },
    'package.json': '{}',
  });
  for (const name of fs.readdirSync(path.dirname(PROGRAM)))
    fs.copyFileSync(path.join(path.dirname(PROGRAM), name), path.join(root, 'bin', name));
  const { exitCode, stderr } = runToEnd(process.execPath, [path.join(root, 'bin', 'codexd.cjs'), '--version']);
  t.equal(exitCode, 1);
  t.match(stderr, /^codexd: \S+codexd\.cjs does not start: SyntaxError: .*\ncodexd: it may be damaged: .*\n$/);
  t.notMatch(stderr, 'xxxx');
});
