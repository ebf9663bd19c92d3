import t from 'tap';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { serversKind } from '../../../server/services/external-agent/servers.js';
import { planted } from './support.js';

t.test('servers that can be said in the words of this agent', (t) => {
  const { put, text, user } = planted(t);
  put('home/.codex/config.toml', '[mcp_servers.there]\ncommand = "mine"\n');
  put('home/.claude.json', {
    mcpServers: {
      there: { command: 'theirs' },
      local: { command: 'npx', args: ['-y', 'x'], env: { A: '1' } },
      variable: { command: 'x', env: { T: '${TOKEN}' } },
      web: {
        type: 'http',
        url: 'https://h.example/mcp',
        headers: { Authorization: 'Bearer ${TOKEN}', X: 'y', Z: '${ZED}' },
      },
      old: { type: 'sse', url: 'https://h.example/sse' },
      mixed: { type: 'http', url: 'https://h.example', headers: { A: 'x-${B}' } },
      'bad name': { command: 'x' },
      none: 5,
    },
  });
  t.match(serversKind.detect(user)?.details?.mcpServers, [{ name: 'local' }, { name: 'web' }]);
  t.same(serversKind.import(user, null), [
    ['local', 'local'],
    ['web', 'web'],
  ]);
  t.strictSame(
    parseToml(text('home/.codex/config.toml')).mcp_servers,
    parseToml(`
there = { command = "mine" }
local = { command = "npx", args = ["-y", "x"], env = { A = "1" } }
[web]
url = "https://h.example/mcp"
bearer_token_env_var = "TOKEN"
http_headers = { X = "y" }
env_http_headers = { Z = "ZED" }
`),
  );
  t.equal(serversKind.detect(user), null);
  t.end();
});

t.test('servers of a repository: those that the person did not refuse', (t) => {
  const { put, shared, repository } = planted(t);
  put('home/.claude.json', { projects: { [repository]: { mcpServers: { own: { command: 'o' } } } } });
  put('repository/.mcp.json', { mcpServers: { a: { command: 'a' }, b: { command: 'b' } } });
  put('repository/.claude/settings.local.json', { disabledMcpjsonServers: ['b'] });
  t.match(serversKind.detect(shared)?.details?.mcpServers, [{ name: 'a' }, { name: 'own' }]);
  t.end();
});
