import t from 'tap';
import { readOverview } from '../../server/operator/overview.js';

t.test('the overview is what the parts say, and this process', async (t) => {
  const overview = await readOverview(
    {
      facts: () => ({ version: '1', protocolVersion: '2', codexHome: '/h', listeners: ['ws://x'], readiness: null }),
      sandbox: () => Promise.resolve({ state: 'failed', summary: 'none', remedy: 'install it' }),
      counts: () => Promise.resolve({} as never),
      recentErrors: () => [{ atMs: 1, level: 'warn', message: 'm' }],
      requirements: () => Promise.resolve([]),
    },
    'see',
  );
  t.match(overview, { pid: process.pid, nodeVersion: process.version, may: 'see', sandbox: { remedy: 'install it' } });
  t.ok(overview.startedAtMs <= Date.now() && overview.rssBytes > 0);
});
