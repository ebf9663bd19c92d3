/** A client with the two threads of OpenAI's Python SDK: no quick turn is lost (docs/protocol/clients.md §1.6). */
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { needsPython, PYTHON } from '../fixtures/python.js';
import { say, startModelServer } from '../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../fixtures/program.js';
import { CODEXD } from '../fixtures/real-clients.js';

t.setTimeout(120_000);

/** Seconds between the answer and the naming of the turn: longer than a turn takes with a scripted model. */
const SLOW = '0.1';
const TURNS = 10;

t.test('turns that end before the client knows their id', needsPython, async (t) => {
  const model = await startModelServer();
  model.always(() => say('hello'));
  t.teardown(() => model.close());
  const { home, work, user } = scratch(t, scriptedConfig(model.url));
  const client = path.join(packageRoot(), 'test', 'fixtures', 'two-thread-client.py');
  const server = [process.execPath, CODEXD, 'app-server', '--listen', 'stdio://'];
  const { stdout } = await execa(PYTHON, [client, 'codex_python_sdk', String(TURNS), SLOW, ...server], {
    cwd: work,
    env: { CODEX_HOME: home, HOME: user },
    timeout: 90_000,
  });
  t.match(JSON.parse(stdout), { ended: TURNS });
});
