import t from 'tap';
import { ownNames } from '../../../server/rpc/console/own-names.js';

t.test('a loopback listener is named by addresses of this machine and localhost alone', async (t) => {
  const { isHost } = ownNames(true, []);
  for (const [host, own] of [
    ['127.0.0.1:4500', true],
    ['127.0.0.1', true],
    ['localhost:4500', true],
    ['LOCALHOST:4500', true],
    ['[::1]:4500', true],
    ['127.0.0.1:8080', true], // a forwarded port has its own number
    [undefined, false],
    ['', false],
    ['evil.example:4500', false], // a name that its owner rebinds
    ['127.0.0.1.evil.example:4500', false],
    ['localhost.evil.example', false],
    ['localhost.:4500', false],
    ['10.0.0.1:4500', false],
    ['user@127.0.0.1:4500', false],
    ['127.0.0.1:4500, evil.example', false],
    ['0x7f000001:4500', false],
  ] as const) {
    t.equal(isHost(host), own, String(host));
  }
});

t.test('an origin is the one of the host that the request names, with its port', async (t) => {
  const { isOrigin } = ownNames(true, []);
  for (const [origin, host, own] of [
    ['http://127.0.0.1:4500', '127.0.0.1:4500', true],
    ['http://localhost:4500', 'LOCALHOST:4500', true],
    ['http://[::1]:4500', '[::1]:4500', true],
    ['http://127.0.0.1:4501', '127.0.0.1:4500', false], // a page of another port of this machine
    ['http://localhost:4500', '127.0.0.1:4500', false],
    ['https://127.0.0.1:4500', '127.0.0.1:4500', false],
    ['null', '127.0.0.1:4500', false],
    ['', '127.0.0.1:4500', false],
    ['http://evil.example:4500', 'evil.example:4500', false],
    ['http://127.0.0.1:4500/', '127.0.0.1:4500', false],
  ] as const) {
    t.equal(isOrigin(origin, host), own, `${origin} at ${host}`);
  }
});

t.test('a listener that is open to the network may be named by any address; a proxy by its origin', async (t) => {
  const { isHost, isOrigin } = ownNames(false, ['https://codexd.example.com']);
  t.ok(isHost('192.0.2.7:4500'));
  t.ok(isOrigin('http://192.0.2.7:4500', '192.0.2.7:4500'));
  t.notOk(isHost('other.example'));
  t.ok(isHost('codexd.example.com'));
  t.ok(isOrigin('https://codexd.example.com', 'codexd.example.com'));
  t.notOk(isOrigin('http://codexd.example.com', 'codexd.example.com'), 'another scheme is another origin');
});
