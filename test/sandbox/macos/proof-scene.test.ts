import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { withScene } from '../../../server/sandbox/macos/proof-scene.js';
import { FILES } from '../../../server/sandbox/macos/walls.js';

t.test('files and listeners exist while it is used, and not afterwards', async (t) => {
  const root = t.testdir({});
  const { socket, lanePort } = await withScene(root, async (scene) => {
    for (const file of FILES) t.ok(fs.existsSync(path.join(scene.folder, file)), file);
    for (const port of [scene.lanePort, scene.otherPort]) await once(net.connect(port, '127.0.0.1'), 'connect');
    await t.rejects(once(net.connect(scene.closedPort, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
    await once(net.connect(scene.socket), 'connect');
    return scene;
  });
  t.same(fs.readdirSync(root), []);
  t.notOk(fs.existsSync(socket));
  await t.rejects(once(net.connect(lanePort, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
});

t.test('also after an error', async (t) => {
  const root = t.testdir({});
  await t.rejects(
    withScene(root, () => Promise.reject(new RangeError('no'))),
    RangeError,
  );
  t.same(fs.readdirSync(root), []);
});
