import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';
import { until } from '../../fixtures/until.js';

t.setTimeout(60_000);

t.test('clients are notified of changed skills while a thread is loaded', async (t) => {
  const daemon = await startDaemon({ config: 'model = "mock-model"\n' });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  let told = 0;
  client.onNotification('skills/changed', () => told++);
  await client.request('thread/start', { cwd: daemon.work });
  for (const folder of [path.join(daemon.home, 'skills'), path.join(daemon.work, '.agents', 'skills')]) {
    const before = told;
    let n = 0;
    fs.mkdirSync(path.join(folder, 'one'), { recursive: true });
    await until(() => {
      fs.writeFileSync(path.join(folder, 'one', 'SKILL.md'), `---\nname: one\ndescription: ${n++}\n---\n`);
      return told > before;
    }, folder);
  }
  const { data } = await client.request('skills/list', {});
  t.match(data[0]?.skills, [
    { name: 'one', scope: 'repo' },
    { name: 'one', scope: 'user' },
  ]);
});
