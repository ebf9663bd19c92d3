/** The terminals of Windows, under Wine with one help: test/fixtures/on-console.ts. */
import { text } from 'node:stream/consumers';
import path from 'node:path';
import t from 'tap';
import { startOnConsole } from '../../../../server/system/programs/console-terminal.js';
import { processJobs } from '../../../../server/system/programs/process-jobs.js';
import { startOnTerminal, type TerminalProgram } from '../../../../server/system/windows/streams/terminal.js';
import { onConsole } from '../../../fixtures/on-console.js';
import { until } from '../../../fixtures/until.js';
import { onWindows } from '../../../fixtures/windows.js';

const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
const node = (script: string): string[] => onConsole(process.execPath, '-e', script);

function start([file = '', ...args]: readonly string[], onStart?: (pid: number) => void): TerminalProgram {
  const call = { file, args, cwd: process.cwd(), env: { ...env, HELLO: 'yes' } };
  return startOnTerminal(call, { size: { rows: 31, cols: 101 }, onStart: ({ pid }) => onStart?.(pid) });
}

/** What is on the screen so far. */
function screenOf({ output }: TerminalProgram): () => string {
  let shown = '';
  output.setEncoding('utf8').on('data', (piece: string) => (shown += piece));
  return () => shown;
}

t.test('a program gets its terminal, its size, its variables, and what is typed', onWindows, async (t) => {
  const program = start(
    node(`
      const { stdin, stdout } = process;
      console.log([stdin.isTTY, stdout.isTTY, stdout.columns, stdout.rows, process.env.HELLO].join(' '));
      stdin.once('data', (line) => { console.log('got <' + String(line).trim() + '>'); process.exit(7); });`),
  );
  const shown = screenOf(program);
  await until(() => shown().includes('true true 101 31 yes'), shown, 60_000);
  program.resize({ rows: 10, cols: 20 });
  program.input.write('hello\r');
  t.equal(await program.exited, 7);
  await until(() => program.output.closed, 'the output ends with the program');
  t.match(shown(), 'got <hello>');
  program.resize({ rows: 10, cols: 20 });
});

t.test('nothing of the last output is lost', onWindows, async (t) => {
  const program = start(node(`for (let i = 0; i < 2000; i++) console.log('line ' + i + '.'); process.exit(3)`));
  const shown = text(program.output);
  t.equal(await program.exited, 3);
  const lines = [...(await shown).matchAll(/line (\d+)\./g)].map(([, line]) => Number(line));
  t.strictSame(lines, [...lines.keys()]);
  t.equal(lines.length, 2000);
});

t.test('it can be put into a job before it does anything, and ends with it', onWindows, async (t) => {
  const job = (await processJobs()).create();
  const program = start(node('setInterval(() => {}, 1000); console.log("runs")'), (pid) => job.add(pid));
  const shown = screenOf(program);
  await until(() => shown().includes('runs'), shown, 60_000);
  t.equal(job.living(), 2, 'what it started, too');
  job.kill();
  t.equal(await program.exited, 1);
  await until(() => program.output.closed, 'the output ends');
  job.close();
});

t.test('the close of a console ends what still runs there', onWindows, async (t) => {
  const left = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])`;
  const program = start([process.execPath, '-e', `${left}; process.exit(0)`]);
  screenOf(program);
  t.equal(await program.exited, 0);
  await until(() => program.output.closed, 'the output ends, with a program left behind', 60_000);
});

t.test('what cannot start says so, and leaves nothing', onWindows, async (t) => {
  t.throws(() => start(['no-such-program']), { code: 'machine.program', message: 'program not found' });
  t.throws(() => start([path.resolve('no-such.exe')]), { code: 'ENOENT' });
  const call = { file: process.execPath, args: [], cwd: 'C:\\no\\folder', env };
  await t.rejects(startOnConsole(call, { size: { rows: 1, cols: 1 } }), { code: 'ENOTDIR' });
  const refusal = new Error('no job');
  const refuse = (pid: number): void => {
    process.kill(pid);
    throw refusal;
  };
  t.throws(() => start(['cmd.exe'], refuse), refusal);
});
