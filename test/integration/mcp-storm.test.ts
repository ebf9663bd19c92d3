/** `npm run mcp-storm` starts two hundred threads. */
import fs from 'node:fs';
import t from 'tap';
import { storm } from './mcp/storm.js';

t.setTimeout(300_000);

t.test('servers and daemons that are killed leave no process, no lane and no descriptor', async (t) => {
  const folder = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-storm-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const seed = Date.now() % 0x7fffffff;
  t.comment(`seed ${seed}`);
  const report = await storm({ threads: 24, calm: 16, seed, folder });
  t.equal(report.threads, 24);
  t.ok(report.killedServers > 0, JSON.stringify(report));
});
