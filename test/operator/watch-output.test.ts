import t from 'tap';
import { createObservedCommands } from '../../server/exec/observe/observed-commands.js';
import { createOutputWatches } from '../../server/operator/watch-output.js';
import { until } from '../fixtures/until.js';
import { fakeClient, runCommand } from './support.js';

t.test('output comes in order, with its streams, until the end or unwatch', async (t) => {
  const observed = createObservedCommands();
  const watches = createOutputWatches(observed);
  const [one, two] = [fakeClient(1), fakeClient(2)];
  const command = runCommand(observed, 'a');
  const { stdout, stderr } = command.observation;
  watches.add(one.caller, 'a');
  watches.add(one.caller, 'a');
  watches.add(two.caller, 'a');
  watches.remove(two.caller, 'a');
  stdout.seen?.(Buffer.from('1'));
  stdout.seen?.(Buffer.from('2'));
  stderr.seen?.(Buffer.from('3'));
  command.end();
  t.same(one.sent, [
    ['operator/commands/output', { commandId: 'a', stream: 'stdout', skippedBytes: 0, delta: '12' }],
    ['operator/commands/output', { commandId: 'a', stream: 'stderr', skippedBytes: 0, delta: '3' }],
  ]);
  t.same(two.sent, []);
});

t.test('for a client that reads slowly old output is dropped and counted', async (t) => {
  const observed = createObservedCommands();
  const watches = createOutputWatches(observed);
  const slow = fakeClient(1, { slow: true });
  const { observation } = runCommand(observed, 'a');
  watches.add(slow.caller, 'a');
  observation.stdout.seen?.(Buffer.from('first'));
  await until(() => slow.sent.length === 1, 'the first piece is sent');
  for (let n = 0; n < 10; n++) observation.stdout.seen?.(Buffer.alloc(64 * 1024, String(n)));
  slow.drain();
  await until(() => slow.sent.length === 2, 'the rest is sent');
  const [, params] = slow.sent[1] as [string, { delta: string; skippedBytes: number }];
  t.equal(params.delta.length, 256 * 1024);
  t.equal(params.skippedBytes, 6 * 64 * 1024);
  slow.leave();
  observation.stdout.seen?.(Buffer.from('later'));
  t.equal(slow.sent.length, 2);
});
