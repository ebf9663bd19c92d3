/** The methods of the Windows sandbox, with the built daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { until } from '../fixtures/until.js';

const windows = process.platform === 'win32';

t.test('readiness, a set-up that fails, and what is malformed', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const completed: unknown[] = [];
  client.onNotification('windowsSandbox/setupCompleted', (params) => void completed.push(params));
  t.strictSame(await client.request('windowsSandbox/readiness', null), { status: 'notConfigured' });
  for (const mode of ['elevated', 'unelevated'] as const) {
    t.strictSame(await client.request('windowsSandbox/setupStart', { mode, cwd: daemon.work }), { started: true });
    await until(() => completed.length === 1, 'it is completed');
    const error = windows ? /^(?:folder|group): / : /^not_windows: /;
    t.match(completed.pop(), { mode, success: false, error });
  }
  t.notMatch(fs.readFileSync(path.join(daemon.home, 'config.toml'), 'utf8'), /windows/);
  for (const params of [{ mode: 'mxc' }, { mode: 'elevated', cwd: 'relative' }, {}] as never[])
    await t.rejects(client.request('windowsSandbox/setupStart', params), { code: -32600 });
  await client.request('config/value/write', {
    keyPath: 'windows.sandbox',
    value: 'elevated',
    mergeStrategy: 'replace',
  });
  t.strictSame(await client.request('windowsSandbox/readiness', null), {
    status: windows ? 'updateRequired' : 'notConfigured',
  });
});
