import fc from 'fast-check';
import t from 'tap';
import { encodeResult } from '../../../server/rpc/wire/encode.js';
import { Base64Result } from '../../../server/rpc/wire/base64-result.js';

t.test(
  'its message is that of a result with the same text, whatever the pieces, the expected size and the id',
  async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
    const id = fc.oneof(fc.integer(), fc.string(), fc.constant('"'.repeat(400)));
    fc.assert(
      fc.property(pieces, fc.nat({ max: 200 }), id, (bytes, expected, id) => {
        const result = new Base64Result(expected);
        for (const piece of bytes) result.append(Buffer.from(piece));
        const dataBase64 = Buffer.concat(bytes).toString('base64');
        const same = encodeResult(id, result).equals(encodeResult(id, { dataBase64 }));
        return (
          same && result.dataBase64 === dataBase64 && encodeResult(id, result).equals(encodeResult(id, { dataBase64 }))
        );
      }),
    );
  },
);

t.test('the room of a piece may be used again', async (t) => {
  const result = new Base64Result(4);
  const room = Buffer.from('ab');
  result.append(room);
  room.write('cd');
  result.append(room);
  t.equal(Buffer.from(result.dataBase64, 'base64').toString(), 'abcd');
});
