import t from 'tap';
import { changedHeaders, keptTrailers } from '../../../server/network-approval/hooks/request-headers.js';

const headers = (...pairs: readonly [string, string][]) =>
  pairs.map(([name, value]) => ({ name, key: name.toLowerCase(), value }));

t.test('a stripped header is gone in every spelling and repetition', async (t) => {
  const sent = headers(
    ['AUTHORIZATION', '1'],
    ['authorization', '2'],
    ['X_Strip', '3'],
    ['x-strip', '4'],
    ['x-keep', '5'],
  );
  const changes = { strip: ['authorization'], inject: [{ name: 'X-Strip', value: '' }] };
  t.strictSame(keptTrailers(sent, changes), headers(['x-keep', '5']));
  t.strictSame(changedHeaders(sent, { strip: ['authorization', 'x-strip'], inject: [] }), headers(['x-keep', '5']));
});

t.test('an injected header is there once, whatever the client sends', async (t) => {
  const sent = headers(['X-Token', 'old'], ['x_token', 'older'], ['Connection', 'x-token, x-hop'], ['x-hop', '1']);
  const inject = [
    { name: 'x-token', value: 'first' },
    { name: 'X-Token', value: 'secret' },
  ];
  t.strictSame(changedHeaders(sent, { strip: ['x-token'], inject }), headers(['X-Token', 'secret']));
  const framed = headers(['connection', 'content-length'], ['content-length', '3']);
  t.strictSame(changedHeaders(framed, { strip: [], inject: [] }), headers(['content-length', '3']));
});
