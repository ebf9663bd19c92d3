import t from 'tap';
import { findAuthorization } from '../../../../server/sessions/mcp/connection/mcp-sdk.js';
import { createOutbound } from '../../../../server/sessions/model/endpoint/outbound.js';
import { authorizationServer, type AuthorizationServer } from '../../../fixtures/authorization-server.js';

const signal = (): AbortSignal => new AbortController().signal;
const find = (server: AuthorizationServer) =>
  findAuthorization({ outbound: createOutbound({}), server: new URL(server.url), headers: {}, signal });

t.test('the answer to the question says where, and what is needed', async (t) => {
  const server = await authorizationServer(t);
  t.match(await find(server), { issuer: server.origin, resource: server.url, scopes: ['r'] });
  server.resource = { scopes_supported: undefined };
  t.match(await find(server), { scopes: ['a'] });
  const challenge = `Bearer resource_metadata="${server.origin}/else", scope="x y"`;
  server.odd.set('/mcp', () => ({ status: 401, headers: { 'www-authenticate': challenge } }));
  server.odd.set('/else', () => ({
    body: { resource: server.origin, authorization_servers: [server.origin], scopes_supported: ['no'] },
  }));
  server.seen.length = 0;
  t.match(await find(server), { resource: server.origin, scopes: ['x', 'y'] });
  t.same(server.paths(), ['GET /mcp', 'GET /else', 'GET /.well-known/oauth-authorization-server']);
});

t.test('a server before that metadata is its own authorization server', async (t) => {
  const server = await authorizationServer(t);
  server.resource = null;
  t.match(await find(server), { issuer: server.origin, resource: server.url, scopes: ['a'] });
  t.same(server.paths(), [
    'GET /mcp',
    'GET /.well-known/oauth-protected-resource/mcp',
    'GET /mcp/.well-known/oauth-protected-resource',
    'GET /.well-known/oauth-protected-resource',
    'GET /.well-known/oauth-authorization-server/mcp',
    'GET /.well-known/openid-configuration/mcp',
    'GET /mcp/.well-known/openid-configuration',
    'GET /.well-known/oauth-authorization-server',
  ]);
});

t.test('metadata about another resource is not about this one', async (t) => {
  const server = await authorizationServer(t);
  server.resource = { resource: 'https://other.test/mcp', authorization_servers: ['https://other.test'] };
  t.match(await find(server), { issuer: server.origin, resource: server.url });
});

t.test('the first authorization server that has metadata counts', async (t) => {
  const server = await authorizationServer(t);
  server.resource = { authorization_servers: [`${server.origin}/tenant`, server.origin] };
  t.match(await find(server), { issuer: server.origin });
  server.odd.set('/tenant/.well-known/openid-configuration', () => ({
    body: {
      issuer: `${server.origin}/tenant`,
      authorization_endpoint: `${server.origin}/authorize`,
      token_endpoint: `${server.origin}/token`,
      jwks_uri: `${server.origin}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
  }));
  t.match(await find(server), { issuer: `${server.origin}/tenant` });
});

t.test('broken metadata about the resource is an error, and leads to nobody else', async (t) => {
  const server = await authorizationServer(t);
  for (const odd of [{ body: '<html>' }, { body: { resource: 1 } }, { status: 500 }]) {
    server.odd.set('/.well-known/oauth-protected-resource/mcp', () => odd);
    await t.rejects(find(server), { code: 'mcp.login', message: /the metadata at .* cannot be used/ });
  }
});
