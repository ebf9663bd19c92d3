import t from 'tap';
import {
  fitInScript,
  quoted,
  SCRIPT_NAME,
  startWaiting,
  type WaitingProcess,
} from '../../../server/exec/process/waiting-process.js';
import { until } from '../../fixtures/until.js';
import { advanceFiles, MARK, openDescriptors, outputOf, pipesFor } from '../support/prepared.js';

const skip = process.platform === 'linux' ? false : 'only Linux has these';
const pipes = pipesFor(t);

async function start(folder: string, script: string, onEnd = (): void => {}): Promise<WaitingProcess> {
  const files = advanceFiles(folder);
  const program = { file: '/bin/sh', args: ['-c', script] };
  const waiting = await startWaiting({ pipes, program, open: () => files.open(), mark: MARK, onEnd });
  if (waiting === null) throw new Error('this system has no pipes');
  return waiting;
}
const WAITS = `read -r go && . ${SCRIPT_NAME}`;
const call = { stdin: false, origin: () => ({}), onStart: () => {} };

t.test('it runs the script, with what its start says about its origin', { skip }, async (t) => {
  const waiting = await start(t.testdir(), WAITS);
  const started: unknown[] = [];
  const child = waiting.go({
    ...call,
    script: Buffer.from('cat <&3; exit 5'),
    launch: Buffer.from('launch'),
    origin: () => ({ since: 1, newestBefore: 2 }),
    onStart: ({ pid, since, newestBefore }) => started.push({ pid, since, newestBefore }),
  });
  t.equal(await outputOf(child), 'launch');
  t.same(await child?.exited, { code: 5, signal: null });
  t.same(started, [{ pid: waiting.pid, since: 1, newestBefore: 2 }]);
  t.equal(waiting.go({ ...call, script: Buffer.from('exit') }), null, 'once');
  t.equal(waiting.takeOutput().length, 0, 'its output is the command’s');
});

t.test('what it writes before is taken once, and is not the output of the command', { skip }, async (t) => {
  const waiting = await start(t.testdir(), `echo ready; ${WAITS}`);
  let text = '';
  await until(() => (text += waiting.takeOutput().toString()) === 'ready\n', 'it has written');
  t.equal(waiting.takeOutput().length, 0);
  t.equal(await outputOf(waiting.go({ ...call, script: Buffer.from('echo command') })), 'command\n');
});

t.test('one that ends by itself is reported, and nothing stays open', { skip }, async (t) => {
  const folder = t.testdir();
  await (await start(folder, WAITS)).dispose();
  const before = openDescriptors();
  let ends = 0;
  const waiting = await start(folder, 'exit 1', () => ends++);
  await until(() => ends === 1, 'its end is reported');
  t.notOk(waiting.usable);
  t.equal(waiting.go({ ...call, script: Buffer.from('exit') }), null);
  await waiting.dispose();
  t.equal(ends, 1);
  t.equal(openDescriptors(), before);
});

t.test('quotes, and what no script may contain', (t) => {
  t.equal(quoted(`it's "$x"`), `'it'\\''s "$x"'`);
  t.ok(fitInScript(['a\tb\nc', '漢字']));
  t.notOk(fitInScript(['a\rb']));
  t.notOk(fitInScript(['x'.repeat(66_000)]));
  t.end();
});
