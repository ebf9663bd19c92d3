import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import {
  FRAME_LIMIT_BYTES,
  interruptIn,
  isResize,
  readFrames,
  runnerSays,
  sendFrame,
} from '../../../../server/sandbox/windows/run/control-frames.js';

t.test('frames arrive whole, in whatever pieces', async (t) => {
  const wire = new PassThrough();
  sendFrame(wire, { text: 'ä'.repeat(100) });
  sendFrame(wire, { kind: 'interrupt' });
  wire.end();
  const bytes = await buffer(wire);
  for (const size of [1, 7, bytes.length]) {
    const stream = new PassThrough();
    const seen: unknown[] = [];
    readFrames(stream, (value) => seen.push(value));
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
    await once(stream, 'end');
    t.strictSame(seen, [{ text: 'ä'.repeat(100) }, { kind: 'interrupt' }]);
  }
});

t.test('a frame that is too long, or is not JSON, ends the stream', async (t) => {
  const header = (length: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length);
    return bytes;
  };
  for (const bytes of [header(FRAME_LIMIT_BYTES + 1), Buffer.concat([header(1), Buffer.from('{')])]) {
    const stream = new PassThrough();
    readFrames(stream, () => t.fail('nothing was said'));
    stream.write(bytes);
    const [error] = (await once(stream, 'error')) as [Error];
    t.ok(error);
  }
});

t.test('the runner can only say how the command ended, or why it did not start', async (t) => {
  t.strictSame(runnerSays({ kind: 'exit', code: 0xc0000005 }), { kind: 'exit', code: -1073741819 });
  t.strictSame(runnerSays({ kind: 'refused', code: 126, reason: 'no' }), { kind: 'refused', code: 126, reason: 'no' });
  for (const value of [null, 'exit', {}, { kind: 'exit' }, { kind: 'exit', code: '0' }, { kind: 'exit', code: 0.5 }])
    t.equal(runnerSays(value), null);
  t.equal(runnerSays({ kind: 'refused', code: 1 }), null);
});

t.test('an interrupt names its event', async (t) => {
  for (const event of ['ctrl-c', 'ctrl-break']) t.equal(interruptIn({ kind: 'interrupt', event }), event);
  for (const value of [
    null,
    {},
    { kind: 'interrupt' },
    { kind: 'interrupt', event: 2 },
    { kind: 'exit', event: 'ctrl-c' },
  ])
    t.equal(interruptIn(value), null);
});

t.test('a new size has two numbers that a console can have', async (t) => {
  t.equal(isResize({ kind: 'resize', size: { rows: 1, cols: 32767 } }), true);
  for (const size of [
    null,
    {},
    { rows: 0, cols: 1 },
    { rows: 1, cols: 32768 },
    { rows: 1.5, cols: 1 },
    { rows: '1', cols: 1 },
  ])
    t.equal(isResize({ kind: 'resize', size }), false, JSON.stringify(size));
  t.equal(isResize({ kind: 'interrupt', size: { rows: 1, cols: 1 } }), false);
});
