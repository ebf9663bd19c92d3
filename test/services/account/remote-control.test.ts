import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';

t.test('remote control is off, and every way to it says what it needs', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const status = await client.request('remoteControl/status/read', undefined);
  const installationId = fs.readFileSync(path.join(daemon.home, 'installation_id'), 'utf8');
  t.strictSame(status, { status: 'disabled', serverName: os.hostname(), installationId, environmentId: null });
  t.same(await client.request('remoteControl/status/read', undefined), status, 'the id stays');

  const account = { code: -32600, message: 'remote control requires ChatGPT authentication' };
  await t.rejects(client.request('remoteControl/enable', {}), account);
  await t.rejects(client.request('remoteControl/disable', {}), account);
  await t.rejects(client.request('remoteControl/client/list', { environmentId: 'e' }), account);
  await t.rejects(client.request('remoteControl/client/revoke', { environmentId: 'e', clientId: 'c' }), account);
  await t.rejects(client.request('remoteControl/pairing/start', {}), {
    message: 'remote control pairing requires remote control to be enabled',
  });
  await t.rejects(client.request('remoteControl/pairing/status', {}), {
    message: 'remoteControl/pairing/status requires pairingCode or manualPairingCode',
  });
  await t.rejects(client.request('remoteControl/pairing/status', { pairingCode: 'x' }), account);
});
