/** Standard input beside a prompt: who could write to it decides how long it is waited for. */
import t, { type Test } from 'tap';
import { event, say, startModelServer, type ModelServer, type Step } from '../../fixtures/model-server.js';
import { scratch, scriptedConfig, type Ended } from '../../fixtures/program.js';
import { CODEXD } from '../../fixtures/real-clients.js';
import { elapse, until } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

t.setTimeout(180_000);

interface Running {
  readonly model: ModelServer;
  write(text: string): void;
  end(): void;
  readonly ended: Promise<Ended>;
}
/** Runs a shell line in which `CODEXD` is the program; its standard input stays open. */
async function shell(t: Test, line: string, ...script: Step[]): Promise<Running> {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const { home, work, user } = scratch(t, scriptedConfig(model.url));
  const program = `"${process.execPath}" "${CODEXD}" exec --skip-git-repo-check`;
  const child = startChild('/bin/sh', ['-c', line.replaceAll('CODEXD', program)], {
    cwd: work,
    env: { CODEX_HOME: home, HOME: user },
    detached: true,
  });
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 40_000);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  child.stdin.on('error', () => undefined); // The program has ended before it read everything.
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
  return { model, ended, write: (text) => void child.stdin.write(text), end: () => void child.stdin.end() };
}
const said = ({ model }: Running, request = 0): string => JSON.stringify(model.requests[request]?.body.input);

t.test('an input that the starting program leaves open does not delay the turn', async (t) => {
  const running = await shell(t, 'CODEXD question', say('answer'));
  t.match(await running.ended, { code: 0, stdout: 'answer\n', stderr: /the turn begins without it/ });
  t.notMatch(said(running), /<stdin>/);
});

t.test('a pipe, not a socket, that only an ancestor could write to', async (t) => {
  const running = await shell(t, 'mkfifo p; exec 3<>p; CODEXD question <p; echo $?', say('answer'));
  t.match(await running.ended, { stdout: 'answer\n0\n', stderr: /the turn begins without it/ });
});

t.test('codexd waits for the producer of a pipeline, however slow it is', async (t) => {
  const running = await shell(t, '(sleep 7; echo late) | CODEXD question', say('answer'));
  t.match(await running.ended, { code: 0, stdout: 'answer\n', stderr: /process \d+ \((sh|sleep)\) has it open/ });
  t.match(said(running), /question\\n\\n<stdin>\\nlate\\n<\/stdin>/);
});

t.test('after the first byte, it waits for the end of the input', async (t) => {
  const running = await shell(t, 'CODEXD question', say('answer'));
  running.write('first,');
  await elapse(4500, 'longer than an input is waited for that nobody writes to');
  running.write('second');
  running.end();
  t.match(await running.ended, { code: 0, stderr: /Still reading stdin/ });
  t.match(said(running), /<stdin>\\nfirst,second\\n<\/stdin>/);
});

t.test('input that arrives during the turn goes to the turn', async (t) => {
  const running = await shell(t, 'CODEXD question', { events: [event.created()], hang: true }, say('answer'));
  await until(() => running.model.requests.length > 0, 'the turn asks the model');
  running.write('late input');
  running.end();
  const ended = await running.ended;
  t.match(ended, { code: 0, stdout: 'answer\n' });
  t.notMatch(ended.stderr, /are not used/);
  t.match(said(running, 1), /<stdin>\\nlate input\\n<\/stdin>/);
});

t.test('input that is too late for the turn is reported', async (t) => {
  let answer: (step: Step) => void = () => {};
  const running = await shell(t, 'CODEXD question');
  running.model.always(() => new Promise<Step>((resolve) => (answer = resolve)));
  await until(() => running.model.requests.length > 0, 'the turn asks the model');
  running.write('no end');
  await elapse(300, 'the program reads what was written; nothing tells of it');
  answer(say('answer'));
  t.match(await running.ended, { code: 0, stdout: 'answer\n', stderr: /6 bytes of stdin are not used/ });
});
