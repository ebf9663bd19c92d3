import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';

t.test('nobody can be verified, and mistakes in the question come first', async (t) => {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const message = 'User verification is not available in this build or account.';
  const refused = { code: -32603, message, data: { type: 'unavailable', reason: 'providerUnavailable' } };
  t.strictSame(await client.request('userVerification/status', {}), {
    credentialId: null,
    unavailableReason: 'providerUnavailable',
    unavailableMessage: message,
  });
  await t.rejects(client.request('userVerification/enroll', {}), refused);
  await t.rejects(client.request('userVerification/delete', {}), refused);
  t.strictSame(await client.request('userVerification/cancel', { requestId: 5 }), {});

  const verify = (over: object) =>
    client.request('userVerification/verify', { challenge: 'AAAA', title: 't', description: '', ...over });
  await t.rejects(verify({}), refused);
  await t.rejects(verify({ title: 'é'.repeat(128), description: 'x'.repeat(4096) }), refused);
  const wrong = {
    code: -32602,
    message: 'Invalid verification challenge or display text.',
    data: { type: 'invalidRequest', reason: 'invalidParams' },
  };
  const mistakes = [
    { challenge: '' },
    { challenge: 'A' },
    { challenge: 'AAAA==' },
    { challenge: 'A+/A' },
    { challenge: Buffer.alloc(4097).toString('base64url') },
    { title: '' },
    { title: 'é'.repeat(129) },
    { description: 'x'.repeat(4097) },
  ];
  for (const mistake of mistakes) await t.rejects(verify(mistake), wrong, JSON.stringify(mistake).slice(0, 60));
});
