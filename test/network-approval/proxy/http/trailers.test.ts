import t from 'tap';
import { passableTrailers } from '../../../../server/network-approval/proxy/http/trailers.js';

t.test('fields that change the head, the framing or the credentials end at the proxy', async (t) => {
  const raw = ['X-Sum', 'a', 'Content-Length', '1', 'Host', 'b', 'Authorization', 'c', 'x-proxy-error', 'd', 'TE', 'e'];
  t.strictSame(passableTrailers([...raw, ':path', '/', 'Trailer', 'f', 'Set-Cookie', 'g', 'x-sum', 'h']), [
    { name: 'X-Sum', key: 'x-sum', value: 'a' },
    { name: 'x-sum', key: 'x-sum', value: 'h' },
  ]);
});
