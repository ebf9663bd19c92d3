import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';

t.setTimeout(60_000);

t.test('there is this machine, and no other', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const info = await client.request('environment/info', { environmentId: 'local' });
  t.ok(path.isAbsolute(info.shell.path));
  t.equal(info.shell.name, path.basename(info.shell.path));
  t.equal(info.cwd, pathToFileURL(daemon.work).href);
  t.same(await client.request('environment/status', { environmentId: 'local' }), { status: 'ready' });
  t.same(await client.request('environment/status', { environmentId: 'zz' }), {
    status: 'unknown',
    error: 'unknown environment id `zz`',
  });
  const refused = (request: Promise<unknown>, message: string | RegExp) =>
    t.rejects(request, { code: -32600, message });
  const add = (environmentId: string) =>
    client.request('environment/add', { environmentId, execServerUrl: 'ws://127.0.0.1:9' });
  await refused(client.request('environment/info', { environmentId: 'zz' }), 'unknown environment id `zz`');
  await refused(add(''), 'exec-server protocol error: environment id cannot be empty');
  await refused(add('local'), 'exec-server protocol error: environment id `local` is reserved for EnvironmentManager');
  await refused(add('other'), /commands on this machine only, and cannot add the environment `other`/);
});
