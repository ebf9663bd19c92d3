import t from 'tap';
import { createBodyRoom, heldBody, shareOf } from '../../../server/network-approval/hooks/held-body.js';
import type { BodyFraming } from '../../../server/network-approval/proxy/http/request-head.js';

const CHUNKED = { kind: 'chunked' } as const;

/** A client that sends these pieces, and how many of them were taken. */
function clientOf(...pieces: readonly (string | Error)[]) {
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    async *body() {
      for (const piece of pieces) {
        if (piece instanceof Error) throw piece;
        taken++;
        yield Buffer.from(piece);
      }
    },
  };
}

t.test('a body within its limit is held as a whole', async (t) => {
  const room = createBodyRoom(10);
  const share = shareOf(room);
  t.strictSame(await heldBody(clientOf('hel', 'lo'), CHUNKED, 5, share), Buffer.from('hello'));
  t.notOk(room.take(6), 'it takes room');
  share.release();
  share.release();
  t.ok(room.take(10), 'and gives it back once');
  t.notOk(room.take(1));
});

t.test('a body that is too long is not read to its end', async (t) => {
  const room = createBodyRoom(100);
  const length: BodyFraming = { kind: 'length', length: 6 };
  const announced = clientOf('a');
  t.equal(await heldBody(announced, length, 5, shareOf(room)), 'too-long');
  t.equal(announced.taken, 0);
  const endless = clientOf('abc', 'def', 'ghi');
  t.equal(await heldBody(endless, CHUNKED, 5, shareOf(room)), 'too-long');
  t.equal(endless.taken, 2);
});

t.test('the bodies of one command share their room, and a broken one is none', async (t) => {
  const room = createBodyRoom(8);
  const first = shareOf(room);
  t.type(await heldBody(clientOf('hello'), CHUNKED, 5, first), Buffer);
  const second = shareOf(room);
  t.equal(await heldBody(clientOf('he', 'llo'), CHUNKED, 5, second), 'no-room');
  second.release();
  first.release();
  t.equal(await heldBody(clientOf('he', new Error('cut off')), CHUNKED, 5, shareOf(room)), 'broken');
});
