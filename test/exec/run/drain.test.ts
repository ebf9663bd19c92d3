import t from 'tap';
import type { Child } from '../../../server/exec/process/child.js';
import { collectedOutput } from '../../../server/exec/run/output.js';
import { readOutput, TURN_DRAIN_MS } from '../../../server/exec/run/drain.js';

/** A process whose output stays open until `release`. */
function held(text: string) {
  let release!: () => void;
  const ended = new Promise<void>((resolve) => (release = resolve));
  const child = {
    stdout: { read: (take: (piece: Buffer) => unknown) => void take(Buffer.from(text)), ended, stop: () => release() },
    stderr: null,
  } as unknown as Child;
  const stdout = collectedOutput(null);
  return { reader: readOutput(child, stdout, collectedOutput(null)), stdout, release };
}

t.test('output that ends is waited for no longer', async (t) => {
  const { reader, stdout, release } = held('all');
  release();
  t.equal(await reader.drain(() => t.fail('nobody holds it'), TURN_DRAIN_MS), false);
  t.equal(stdout.finish(), 'all');
});

t.test('a holder is released after the time of the caller', async (t) => {
  const { reader, stdout, release } = held('before');
  const began = performance.now();
  t.equal(await reader.drain(release, TURN_DRAIN_MS), true);
  const ms = performance.now() - began;
  t.ok(ms >= TURN_DRAIN_MS - 60 && ms < 1_500, `${ms} ms`);
  t.equal(stdout.finish(), 'before');
});

t.test('a holder that cannot be ended does not keep it for ever', async (t) => {
  const { reader } = held('x');
  t.equal(await reader.drain(() => {}, 50), true);
});
