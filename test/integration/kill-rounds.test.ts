/** What was acknowledged is there after kill -9 of a daemon under load; `npm run kill-rounds` does many more rounds. */
import fs from 'node:fs';
import t from 'tap';
import { killRounds, makeRoot } from './durability/kill-rounds.js';

/** The rounds, and after how many ms no further one is begun. */
const ROUNDS = 20;
const LIMIT_MS = 25_000;

t.test('a daemon that is killed at random moments loses no acknowledged work', async (t) => {
  const root = makeRoot();
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const seed = Date.now() % 0x7fffffff;
  const report = await killRounds({ rounds: ROUNDS, seed, root, limitMs: LIMIT_MS });
  t.comment(`seed ${seed}: ${JSON.stringify(report)}`);
  t.ok(report.rounds > 0 && report.acknowledged > 0, 'there was something to lose');
});
