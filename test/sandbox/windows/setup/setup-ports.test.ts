import t from 'tap';
import { choosePorts } from '../../../../server/sandbox/windows/setup/setup-ports.js';

t.test('pairs of neighbours, the same for the same home, and none that is taken', async (t) => {
  const free = () => Promise.resolve(true);
  const ports = await choosePorts('C:\\Users\\me\\.codex', free);
  t.equal(ports.length, 8);
  t.ok(ports.every((port, i) => port === (ports[0] ?? 0) + i && port >= 20_000 && port < 40_000));
  t.strictSame(await choosePorts('c:\\users\\ME\\.codex', free), ports);
  const taken = ports[3];
  const others = await choosePorts('C:\\Users\\me\\.codex', (port) => Promise.resolve(port !== taken));
  t.equal(others.length, 8);
  t.notOk(others.includes(taken ?? 0));
  t.strictSame(await choosePorts('C:\\x', () => Promise.resolve(false)), []);
  t.equal((await choosePorts(t.testdir())).length, 8, 'really');
});
