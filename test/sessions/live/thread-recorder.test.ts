/** What is recorded is in the file before anybody sees it; what the file refuses, nobody sees. */
import t from 'tap';
import { createThreadRecorder } from '../../../server/sessions/live/thread-recorder.js';
import type { NewRecord } from '../../../server/sessions/store/records/rollout-record.js';

const record = (text: string): NewRecord => ({ type: 'event_msg', payload: { type: 'note', text } });

t.test('with a file: written, then reported, then seen', async (t) => {
  const order: string[] = [];
  const recorder = createThreadRecorder({
    id: 'a',
    writer: { lost: null, append: () => void order.push('file') },
    onWritten: () => void order.push('catalog'),
    onLost: () => t.fail('it is not lost'),
  });
  const unwatch = recorder.watch(() => void order.push('watcher'));
  recorder.record([]);
  t.strictSame(order, []);
  recorder.record([record('one')]);
  t.strictSame(order, ['file', 'catalog', 'watcher']);
  t.strictSame(recorder.memory, []);
  unwatch();
  recorder.record([record('two')]);
  t.strictSame(order.slice(3), ['file', 'catalog']);
  recorder.close();
  t.throws(() => recorder.record([record('three')]), { message: 'thread not found: a' });
});

t.test('an error of the file: nobody sees the record, and a lost file is reported', async (t) => {
  for (const lost of [null, 'removed'] as const) {
    let reported = 0;
    const recorder = createThreadRecorder({
      id: 'a',
      writer: {
        lost,
        append: () => {
          throw new Error('no disk');
        },
      },
      onWritten: () => t.fail('nothing is written'),
      onLost: () => void reported++,
    });
    recorder.watch(() => t.fail('nobody sees it'));
    t.throws(() => recorder.record([record('one')]), { message: 'no disk' });
    t.equal(reported, lost === null ? 0 : 1);
  }
});

t.test('without a file the records stay in memory', async (t) => {
  const recorder = createThreadRecorder({ id: 'a', writer: null, onWritten: () => t.fail(), onLost: () => t.fail() });
  const seen: NewRecord[] = [];
  recorder.watch((records) => void seen.push(...records));
  recorder.record([record('one'), record('two')]);
  t.strictSame(recorder.memory, [record('one'), record('two')]);
  t.strictSame(seen, recorder.memory);
});
