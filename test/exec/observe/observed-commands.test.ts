import t from 'tap';
import { createObservedCommands } from '../../../server/exec/observe/observed-commands.js';
import { commandSpec, registration, runCommand } from '../../operator/support.js';

t.test('commands are listed while they run, and the last ones after their end', async (t) => {
  const observed = createObservedCommands();
  const seen: string[] = [];
  const stop = observed.watch({
    changed: ({ id, end }) => void seen.push(`${id} ${end === null ? 'runs' : end.cause}`),
    output: ({ id }, stream, piece) => void seen.push(`${id} ${stream} ${piece.toString()}`),
  });
  const [first, second] = [runCommand(observed, 'a'), runCommand(observed, 'b')];
  first.observation.stdout.seen?.(Buffer.from('1'));
  first.observation.stderr.seen?.(Buffer.from('2'));
  second.end();
  t.same(seen, ['a runs', 'b runs', 'a stdout 1', 'a stderr 2', 'b exit']);
  t.same(
    observed.list().map(({ id }) => id),
    ['b', 'a'],
  );
  t.equal(observed.get('a')?.tail.read().toString(), '12');
  t.match(observed.get('b'), { command: null, end: { exitCode: 0 } });
  stop();
  first.end();
  t.equal(seen.length, 5, 'nobody watches');
  for (let n = 0; n < 30; n++) runCommand(observed, `c${n}`).end();
  t.equal(observed.list().length, 20);
  t.equal(observed.get('a'), null);
});

t.test('a command that does not start is not listed', async (t) => {
  const observed = createObservedCommands();
  observed.observe(commandSpec(), registration('x')).ended(null);
  t.same(observed.list(), []);
});

t.test('its own sinks get what they would have', async (t) => {
  const pieces: string[] = [];
  const stdout = { push: (piece: Buffer) => void pieces.push(piece.toString()), full: true };
  const observation = createObservedCommands().observe(commandSpec({ stdout }), registration('x'));
  void observation.stdout.push(Buffer.from('1'));
  t.same(pieces, ['1']);
  t.equal(observation.stdout.full, true);
});
