import t from 'tap';
import { localBaseUrl, localServer } from '../../../../server/sessions/model/provider/local-servers.js';

const base = (id: string, env: NodeJS.ProcessEnv): string => localBaseUrl(id, localServer(id)!, env);

t.test('the environment determines the address of a local server', (t) => {
  const rows: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
    ['ollama', {}, 'http://localhost:11434/v1'],
    ['lmstudio', {}, 'http://localhost:1234/v1'],
    ['ollama', { OLLAMA_HOST: 'box' }, 'http://box:11434/v1'],
    ['ollama', { OLLAMA_HOST: 'box:8080' }, 'http://box:8080/v1'],
    ['ollama', { OLLAMA_HOST: ':8080' }, 'http://localhost:8080/v1'],
    ['ollama', { OLLAMA_HOST: '0.0.0.0' }, 'http://localhost:11434/v1'],
    ['ollama', { OLLAMA_HOST: '0.0.0.0:80' }, 'http://localhost/v1'],
    ['ollama', { OLLAMA_HOST: '[::1]:9999' }, 'http://[::1]:9999/v1'],
    ['ollama', { OLLAMA_HOST: 'https://models.example.com/ollama/' }, 'https://models.example.com/ollama/v1'],
    ['ollama', { OLLAMA_HOST: 'http://box' }, 'http://box/v1'],
    ['lmstudio', { OLLAMA_HOST: 'box' }, 'http://localhost:1234/v1'],
    ['lmstudio', { CODEX_OSS_PORT: '4000' }, 'http://localhost:4000/v1'],
    ['ollama', { CODEX_OSS_PORT: '4000', OLLAMA_HOST: 'box' }, 'http://localhost:4000/v1'],
    ['ollama', { CODEX_OSS_BASE_URL: 'http://box:1/api', CODEX_OSS_PORT: '2' }, 'http://box:1/api'],
    ['ollama', { CODEX_OSS_BASE_URL: 'http://box:1/' }, 'http://box:1/v1'],
    ['ollama', { CODEX_OSS_BASE_URL: ' ', OLLAMA_HOST: '' }, 'http://localhost:11434/v1'],
  ];
  for (const [id, env, expected] of rows) t.equal(base(id, env), expected, `${id} ${JSON.stringify(env)}`);
  t.end();
});

t.test('only the built-in names are local servers', (t) => {
  t.equal(localServer('openai'), null);
  t.equal(localServer('constructor'), null);
  t.end();
});
