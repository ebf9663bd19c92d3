import t from 'tap';
import { readProcessStarts } from '../../../server/system/windows/process-starts.js';
import { processList } from './fixtures/tcp-rows.js';

const processes = [
  { pid: 0, start: 0n },
  { pid: 4, start: 1n },
  { pid: 65_540, start: 133_000_000_000_000_000n },
  { pid: 8, start: 5n },
];

t.test('the start of each process', async (t) => {
  t.strictSame(
    [...readProcessStarts(processList(processes))],
    processes.map(({ pid, start }) => [pid, start]),
  );
});

t.test('a list that is cut off has the entries that are whole', async (t) => {
  const list = processList(processes);
  for (let bytes = 0; bytes <= list.length; bytes += 7)
    for (const [pid, start] of readProcessStarts(list.subarray(0, bytes)))
      t.equal(start, processes.find((each) => each.pid === pid)?.start);
  t.equal(readProcessStarts(Buffer.alloc(0)).size, 0);
});
