import t from 'tap';
import { explained } from '../../../../server/sessions/mcp/connection/authorization.js';
import { findAuthorization } from '../../../../server/sessions/mcp/connection/mcp-sdk.js';
import { createOutbound } from '../../../../server/sessions/model/endpoint/outbound.js';
import { authorizationServer } from '../../../fixtures/authorization-server.js';

t.test('a refresh tells an end from a failure', async (t) => {
  const server = await authorizationServer(t);
  const signal = (): AbortSignal => new AbortController().signal;
  const options = { outbound: createOutbound({}), server: new URL(server.url), headers: {}, signal };
  const authorization = (await findAuthorization(options))!;
  const client = { id: 'c', secret: null };
  const refresh = () => authorization.refresh(client, 'refresh', ['r']);
  const answering = (status: number, body: unknown) => server.odd.set('/token', () => ({ status, body }));
  for (const error of ['invalid_grant', 'invalid_client', 'unauthorized_client']) {
    answering(400, { error });
    t.equal(await refresh(), null, error);
  }
  answering(400, { error: 'invalid_scope', error_description: 'no' });
  await t.rejects(refresh(), {
    code: 'mcp.login',
    message: 'OAuth token refresh failed: Server returned error response: invalid_scope: no',
  });
  answering(500, '<html>secret page</html>');
  await t.rejects(refresh(), { code: 'mcp.login' });
  answering(200, { access_token: 'a', token_type: 'bearer', expires_in: '60' });
  t.same(await refresh(), { accessToken: 'a', refreshToken: 'refresh', expiresIn: 60, scopes: ['r'], idToken: null });
});

t.test('what is no JSON is not quoted', async (t) => {
  let thrown: unknown;
  try {
    JSON.parse('token-123');
  } catch (error) {
    thrown = error;
  }
  t.match(explained(thrown, 'what: '), { message: 'what: the answer is no JSON' });
});
