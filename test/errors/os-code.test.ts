import fs from 'node:fs';
import net from 'node:net';
import t from 'tap';
import { osCode } from '../../server/errors/os-code.js';

t.test('the code of an error of the operating system and of Node', async (t) => {
  const thrown = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };
  t.equal(osCode(thrown(() => fs.readFileSync('/nowhere/at/all'))), 'ENOENT');
  t.equal(osCode(thrown(() => fs.readdirSync('/dev/null'))), 'ENOTDIR');
  t.equal(osCode(thrown(() => net.connect(-1))), 'ERR_SOCKET_BAD_PORT');
});

t.test('what has no such name', async (t) => {
  // A DOMException has a number there.
  for (const thrown of [undefined, null, 'ENOENT', 7, new Error('ENOENT'), {}, AbortSignal.abort().reason, { code: 7 }])
    t.equal(osCode(thrown), undefined);
  t.equal(osCode(new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'EIO' }) })), undefined);
});
