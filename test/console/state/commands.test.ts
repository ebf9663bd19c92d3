import t from 'tap';
import { createCommands, matchingCommands, stateOf, type Command } from '../../../clients/console/state/commands.js';
import { treeOf } from '../../../clients/console/text/process-tree.js';
import { watchCommand } from '../../../clients/console/state/watched-command.js';
import { until } from '../../fixtures/until.js';
import { fakeServer } from './fake-server.js';

const command = (commandId: string, startedAtMs: number, ended?: number): Command =>
  ({
    commandId,
    owner: { kind: 'connection', connectionId: 1, clientName: 'editor', requestId: 1, processId: null },
    command: ['npm', 'test'],
    cwd: '/w',
    profile: null,
    startedAtMs,
    state: ended === undefined ? 'running' : 'ended',
    end: ended === undefined ? null : { cause: 'exit', exitCode: 0, endedAtMs: ended, denial: null },
  }) as unknown as Command;
const ids = (list: readonly Command[]): string[] => list.map(({ commandId }) => commandId);

t.test('running commands are first, then the newest that ended', async (t) => {
  const fake = fakeServer();
  const { all, refresh } = createCommands(fake.server);
  fake.answer('operator/commands/list', { data: [command('a', 1), command('b', 2), command('c', 0, 5)] });
  await refresh();
  t.strictSame(ids(all.value), ['b', 'a', 'c']);
  fake.notify('operator/commands/changed', { data: [command('b', 2, 9), command('d', 3)] });
  t.strictSame(ids(all.value), ['d', 'a', 'b', 'c']);
  t.strictSame(ids(matchingCommands(all.value, ' EDITOR ')), ['d', 'a', 'b', 'c']);
  t.strictSame(ids(matchingCommands(all.value, 'nothing')), []);
});

t.test('says how a command ended', async (t) => {
  t.strictSame(stateOf(command('a', 1)), { tone: 'active', text: 'running' });
  t.strictSame(stateOf(command('a', 1, 2)), { tone: 'good', text: 'exit code 0' });
  const denied = {
    ...command('a', 1, 2),
    end: { cause: 'denial' as const, exitCode: 137, endedAtMs: 2, denial: null },
  };
  t.strictSame(stateOf(denied), { tone: 'bad', text: 'denied, exit code 137' });
});

t.test('the output of a watched command is its kept end and what follows', async (t) => {
  const fake = fakeServer();
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  fake.answer('operator/commands/watch', { output: base64('one\n'), skippedBytes: 3, columns: 80, rows: 24 });
  fake.answer('operator/commands/write', {});
  fake.answer('operator/commands/unwatch', {});
  const watched = await watchCommand(fake.server, 'a');
  fake.notify('operator/commands/output', {
    commandId: 'a',
    stream: 'stdout',
    delta: base64('two\n'),
    skippedBytes: 4,
  });
  fake.notify('operator/commands/output', { commandId: 'b', stream: 'stdout', delta: base64('no\n'), skippedBytes: 0 });
  await until(() => watched.lines.value.length === 2, 'the lines are shown');
  t.strictSame(
    watched.lines.value.map(([span]) => span?.text),
    ['one', 'two'],
  );
  t.equal(watched.skipped.value, 7);
  t.strictSame(watched.size.value, { columns: 80, rows: 24 });
  const seen: string[] = [];
  watched.follow((bytes) => seen.push(Buffer.from(bytes).toString()));
  t.strictSame(seen, ['one\n', 'two\n']);
  await watched.write('ü');
  t.strictSame(fake.requests.at(-1)?.params, { commandId: 'a', data: base64('ü') });
  watched.close();
  t.equal(fake.requests.at(-1)?.method, 'operator/commands/unwatch');
});

t.test('processes are below their parents, whatever their order', async (t) => {
  const process = (pid: number, parentPid: number) => ({ pid, parentPid, program: 'x' });
  const tree = treeOf([process(3, 2), process(1, 0), process(2, 1), process(8, 9), process(9, 8)]);
  t.strictSame(
    tree.map(({ pid, depth }) => [pid, depth]),
    [
      [1, 0],
      [2, 1],
      [3, 2],
      [8, 0],
      [9, 1],
    ],
  );
});
