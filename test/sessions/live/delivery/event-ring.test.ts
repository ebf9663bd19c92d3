import t from 'tap';
import {
  createEventRing,
  createRingRoom,
  IDLE_RING,
  type RingEntry,
} from '../../../../server/sessions/live/delivery/event-ring.js';

const entry = (sequence: number, size = 10): RingEntry => ({
  sequence,
  method: 'warning',
  message: Buffer.alloc(size, 'x') as unknown as RingEntry['message'],
  alsoSentTo: null,
});
const numbers = (entries: readonly RingEntry[] | null) => entries?.map(({ sequence }) => sequence) ?? null;

t.test('entries after a number are returned, or reported as lost', async (t) => {
  const ring = createEventRing(100, { limits: { frames: 3, bytes: 1000 } });
  t.same(numbers(ring.after(100)), [], 'nothing came yet');
  t.equal(ring.after(99), null, 'of an earlier load');
  t.equal(ring.after(101), null, 'not given yet');
  for (let n = 101; n <= 105; n++) ring.add(entry(n));
  t.same(numbers(ring.after(105)), []);
  t.same(numbers(ring.after(103)), [104, 105]);
  t.same(numbers(ring.after(102)), [103, 104, 105], 'the oldest that is there');
  t.equal(ring.after(101), null, 'one is lost');
});

t.test('the ring is limited in frames and in bytes, also in the long run', async (t) => {
  const ring = createEventRing(0, { limits: { frames: 100, bytes: 5000 } });
  for (let n = 1; n <= 10_000; n++) ring.add(entry(n, n % 97));
  t.ok(ring.frames <= 100);
  t.ok(ring.bytes <= 5000);
  const kept = numbers(ring.after(10_000 - ring.frames))!;
  t.equal(kept.length, ring.frames);
  t.equal(kept.at(-1), 10_000);
});

t.test('a message that is larger than the ring leaves it empty, and the next one is stored', async (t) => {
  const ring = createEventRing(0, { limits: { frames: 100, bytes: 1000 } });
  ring.add(entry(1));
  ring.add(entry(2, 2000));
  t.equal(ring.frames, 0);
  t.equal(ring.after(1), null);
  ring.add(entry(3));
  t.same(numbers(ring.after(2)), [3]);
});

t.test('a quiet thread keeps few entries, in separate memory', async (t) => {
  const ring = createEventRing(0);
  for (let n = 1; n <= 4000; n++) ring.add(entry(n, 900));
  ring.trim();
  t.ok(ring.bytes <= IDLE_RING.bytes);
  t.ok(ring.frames <= IDLE_RING.frames);
  const kept = ring.after(4000 - ring.frames)!;
  t.equal(new Set(kept.map(({ message }) => message.buffer)).size, 1);
  t.equal(kept[0]!.message.buffer.byteLength, ring.bytes);
  t.equal(kept.at(-1)!.message.toString(), 'x'.repeat(900));
  ring.add(entry(4001));
  t.same(numbers(ring.after(4000)), [4001]);
});

t.test('the rings of all threads share one room, and each keeps what a quiet thread keeps', async (t) => {
  const room = createRingRoom(4 * 1024 * 1024);
  const rings = Array.from({ length: 8 }, () => createEventRing(0, { room }));
  for (let n = 1; n <= 3000; n++) for (const ring of rings) ring.add(entry(n, 1000));
  t.ok(room.used <= room.limit);
  t.ok(rings.every(({ bytes }) => bytes > IDLE_RING.bytes - 2000));
  const busy = rings[0]!;
  for (const ring of rings.slice(1)) ring.trim();
  for (let n = 3001; n <= 6000; n++) busy.add(entry(n, 1000));
  t.ok(busy.frames > 2400, 'room that others gave back is used');
  t.ok(room.used <= room.limit);
  for (const ring of rings) ring.close();
  busy.add(entry(6001));
  t.equal(room.used, 0);
  t.equal(busy.after(5999), null, 'nothing is kept after the end');
});
