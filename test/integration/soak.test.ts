/** Turns with a model that misbehaves, repeatable by the seed; `npm run soak` does many more. */
import fs from 'node:fs';
import t from 'tap';
import { makeRoot, soak } from './soak/soak.js';

t.setTimeout(280_000);

/** Each wire has half of them. */
const TURNS = 30;
const SEED = 7;

for (const wire of ['responses', 'chat'] as const) {
  t.test(`no turn hangs and nothing is lost: ${wire}`, async (t) => {
    const root = makeRoot();
    t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
    const report = await soak({ turns: TURNS / 2, seed: SEED, wire, root });
    t.comment(JSON.stringify(report));
    t.ok(report.items > 0 && (report.ends['completed'] ?? 0) > 0, 'there was something to lose');
  });
}
