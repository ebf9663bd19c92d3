import fc from 'fast-check';
import t from 'tap';
import { base64Content } from '../../server/client-files/base64-content.js';
import { PIECE_BYTES, type Content } from '../../server/client-files/overwrite.js';

async function allOf(content: Content): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.size; at += PIECE_BYTES) pieces.push(await content.piece(at));
  return Buffer.concat(pieces);
}

t.test('the pieces are the bytes, and the size is theirs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 2 }), async (bytes, pieces) => {
      const whole = Buffer.concat([Buffer.alloc(pieces * PIECE_BYTES, 'x'), bytes]);
      const content = await base64Content(whole.toString('base64'), '');
      return content.size === whole.length && (await allOf(content)).equals(whole);
    }),
    { numRuns: 60 },
  );
});

t.test('a flaw anywhere is named with its place in the whole text', async (t) => {
  const good = Buffer.alloc(2 * PIECE_BYTES, 1).toString('base64');
  const half = good.length / 2;
  const rows: readonly (readonly [text: string, flaw: string])[] = [
    [`${good}!`, `Invalid symbol 33, offset ${good.length}.`],
    [`${good.slice(0, half - 1)}=${good.slice(half)}`, `Invalid symbol 61, offset ${half - 1}.`],
    [`${good.slice(0, half)}-${good.slice(half + 1)}`, `Invalid symbol 45, offset ${half}.`],
    [`${good}aGk`, 'Invalid padding'],
    [`${good}aGl=`, `Invalid last symbol 108, offset ${good.length + 2}.`],
  ];
  for (const [text, flaw] of rows) {
    await t.rejects(base64Content(text, 'no: '), { rpcCode: -32600, message: `no: ${flaw}` });
  }
});

t.test('other work runs while a long text is checked', async (t) => {
  let turns = 0;
  const count = (): void => void (turns++, (timer = setImmediate(count)));
  let timer = setImmediate(count);
  await base64Content(Buffer.alloc(20 * PIECE_BYTES).toString('base64'), '');
  clearImmediate(timer);
  t.ok(turns >= 15, `${turns} turns of the event loop`);
});
