/** Several programs on one home; `npm run shared-home` lets them work for a minute. */
import fs from 'node:fs';
import t from 'tap';
import { findReference, NOT_INSTALLED } from '../sessions/store/reference-program.js';
import { shareHome } from './durability/shared-home.js';

const SECONDS = 8;

t.test('two daemons, and the official program, lose nothing and duplicate nothing on one home', async (t) => {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-shared-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  if (findReference() === null) t.comment(`without the official program: ${NOT_INSTALLED}`);
  const seed = Date.now() % 0x7fffffff;
  const report = await shareHome({ root, seconds: SECONDS, seed });
  t.comment(`seed ${seed}: ${JSON.stringify(report)}`);
  t.ok(report.acknowledged > 10, 'there was something to lose');
});
