import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';

t.setTimeout(60_000);

t.test("the vendor's own needs a login there, which codexd does not have", async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const remotePluginId = 'plugins~x';
  const requests: readonly (readonly [Promise<unknown>, string])[] = [
    [
      client.request('plugin/skill/read', { remoteMarketplaceName: 'a', remotePluginId, skillName: 'b' }),
      'read remote plugin skill details',
    ],
    [client.request('plugin/share/save', { pluginPath: daemon.work }), 'save remote plugin share'],
    [
      client.request('plugin/share/updateTargets', { remotePluginId, discoverability: 'PRIVATE', shareTargets: [] }),
      'update remote plugin share targets',
    ],
    [client.request('plugin/share/list', {}), 'list remote plugin shares'],
    [client.request('plugin/share/checkout', { remotePluginId }), 'checkout plugin share'],
    [client.request('plugin/share/delete', { remotePluginId }), 'delete remote plugin share'],
  ];
  for (const [request, step] of requests)
    await t.rejects(request, {
      code: -32600,
      message: `${step}: chatgpt authentication required for remote plugin catalog`,
    });
});
