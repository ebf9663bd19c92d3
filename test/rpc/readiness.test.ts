import t from 'tap';
import { judgeRequest } from '../../server/rpc/transports/http-rules.js';

const ask = (url: string, method = 'GET') => judgeRequest({ method, url, headers: {} }, () => 'it was replaced\n');

t.test('/readyz says why there should be no new work, and /healthz only that the process lives', async (t) => {
  t.strictSame(ask('/readyz'), { status: 503, body: 'it was replaced\n' });
  t.strictSame(ask('/readyz?verbose'), { status: 503, body: 'it was replaced\n' });
  t.strictSame(ask('/readyz', 'HEAD'), { status: 503, body: 'it was replaced\n' });
  t.match(ask('/readyz', 'POST'), { status: 405 });
  t.strictSame(ask('/healthz'), { status: 200, body: '' });
});
