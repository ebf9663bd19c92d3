import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { say } from '../../fixtures/model-server.js';
import { turnScene } from '../../fixtures/turn-scene.js';

/** A program that prints another token each time. */
function tokenProgram(folder: string): string {
  const file = path.join(folder, 'login');
  const runs = path.join(folder, 'runs');
  fs.writeFileSync(file, `#!/bin/sh\necho run >> ${runs}\necho "tok-$(wc -l < ${runs})"\n`, { mode: 0o755 });
  return file;
}

t.test('a program’s token is used, and requested again if the endpoint refuses it', async (t) => {
  const folder = t.testdir();
  const accepted = new Set(['Bearer tok-1']);
  const scene = await turnScene(
    t,
    ({ headers }) =>
      accepted.has(headers.authorization ?? '')
        ? say('hello')
        : { status: 401, body: { error: { message: 'expired' } } },
    { tables: `[model_providers.mock.auth]\ncommand = ${JSON.stringify(tokenProgram(folder))}\n` },
  );
  const thread = await scene.startThread();
  t.equal((await scene.turn(thread)).status, 'completed');
  t.equal((await scene.turn(thread)).status, 'completed', 'the same token');
  accepted.clear();
  accepted.add('Bearer tok-2');
  t.equal((await scene.turn(thread)).status, 'completed', 'another one after a 401');
  t.same(
    scene.model.requests.map(({ headers }) => headers.authorization),
    ['Bearer tok-1', 'Bearer tok-1', 'Bearer tok-1', 'Bearer tok-2'],
  );
});

t.test('a program that fails ends the turn with its text, and no request is made', async (t) => {
  const file = path.join(t.testdir(), 'login');
  fs.writeFileSync(file, '#!/bin/sh\necho not signed in >&2\nexit 3\n', { mode: 0o755 });
  const scene = await turnScene(t, () => say('hello'), {
    tables: `[model_providers.mock.auth]\ncommand = ${JSON.stringify(file)}\n`,
  });
  const turn = await scene.turn(await scene.startThread());
  t.equal(turn.status, 'failed');
  t.match(turn.error?.message, /ended with 3: not signed in/);
  t.equal(scene.model.requests.length, 0);
});
