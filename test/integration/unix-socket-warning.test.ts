import t from 'tap';
import { proxiedConfig, startDaemon } from '../fixtures/daemon.js';

t.test('every client is warned of a rule for a unix socket that has no effect', async (t) => {
  const rule = '[permissions.test.network.unix_sockets]\n"/run/docker.sock" = "allow"\n';
  const daemon = await startDaemon({ config: proxiedConfig() + rule });
  t.teardown(() => daemon.stop());
  for (const which of ['the first', 'the second']) {
    const client = await daemon.connect();
    const { summary } = await new Promise<{ summary: string }>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('no warning')), 10_000);
      client.onNotification('configWarning', (warning) => {
        clearTimeout(limit);
        resolve(warning);
      });
    });
    t.match(summary, 'The rule `"/run/docker.sock" = "allow"` for unix sockets', which);
  }
});
