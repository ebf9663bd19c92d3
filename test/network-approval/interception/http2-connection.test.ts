import http2 from 'node:http2';
import t from 'tap';
import { startIntercepting } from '../support/intercepting.js';
import { until } from '../../fixtures/until.js';

t.setTimeout(60_000);

t.test('streams that are opened and reset at once do not pile up requests', async (t) => {
  let decide = (): void => {};
  const waits = new Promise<void>((resolve) => (decide = resolve));
  const scene = await startIntercepting(
    t,
    (credentials) => http2.createSecureServer(credentials, (_request, response) => void response.end('ok')),
    { decided: () => waits },
  );
  const session = await scene.http2Client();
  let sent = 0;
  for (let round = 0; round < 30 && !session.closed; round++) {
    const streams = Array.from({ length: 50 }, () => session.request({ ':path': '/' }));
    sent += streams.length;
    for (const stream of streams) stream.on('error', () => {});
    await new Promise((done) => setImmediate(done));
    for (const stream of streams) stream.close(http2.constants.NGHTTP2_CANCEL);
    await new Promise((done) => session.ping((error) => done(error)));
  }
  await until(() => session.closed, 'the connection ends');
  t.ok(scene.asked.length <= 200, `${scene.asked.length} of ${sent} were judged`);
  t.ok(scene.asked.length > 0);
  decide();
});
