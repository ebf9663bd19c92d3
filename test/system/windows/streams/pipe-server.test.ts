import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { servePipe } from '../../../../server/system/windows/streams/pipe-server.js';
import { until } from '../../../fixtures/until.js';
import { notOnWindows, onWindows } from '../../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => servePipe('x', () => {}), { code: 'machine.native-module' });
});

t.test('many clients at once, and nothing after the close', onWindows, async (t) => {
  const name = `\\\\.\\pipe\\codexd-test-${process.pid}`;
  const server = servePipe(name, (connection) => connection.pipe(connection));
  if (typeof server === 'number') throw new Error(`no server: ${server}`);
  const echo = async (word: string): Promise<string> => {
    const client = net.connect(name);
    let back = '';
    client.setEncoding('utf8').on('data', (piece: string) => (back += piece));
    client.write(word);
    await until(() => back.length >= word.length, 'all of it comes back');
    client.destroy();
    return back;
  };
  const words = Array.from({ length: 20 }, (_, i) => `word ${i} `.repeat(20_000));
  const echoed = await Promise.all(words.map(echo));
  t.ok(echoed.every((word, i) => word === words[i]));
  server.close();
  server.close();
  const refused = net.connect(name);
  await once(refused, 'error');
  const again = servePipe(name, () => {});
  t.type(again, 'object', 'the name is free');
  if (typeof again !== 'number') again.close();
});
