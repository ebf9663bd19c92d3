import t from 'tap';
import { yesOrNo } from '../../../server/cli/output/yes-or-no.js';

t.test('without a terminal the answer is no, and says why', async (t) => {
  const isTTY = process.stdin.isTTY;
  process.stdin.isTTY = false;
  t.teardown(() => (process.stdin.isTTY = isTTY));
  const said: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
  try {
    t.equal(await yesOrNo('Really?'), false);
  } finally {
    process.stdout.write = write;
  }
  t.match(said, [/nobody is there to be asked/]);
});
