import t from 'tap';
import { mayRun } from '../../server/hooks/runnable-hook.js';

t.test('what is untrusted, changed or off does not run', (t) => {
  const runs = (
    trustStatus: 'managed' | 'trusted' | 'modified' | 'untrusted',
    enabled = true,
    bypass = false,
  ): boolean => mayRun({ trustStatus, enabled }, bypass);
  t.ok(runs('managed'));
  t.ok(runs('trusted'));
  t.notOk(runs('trusted', false));
  for (const status of ['untrusted', 'modified'] as const) {
    t.notOk(runs(status), status);
    t.ok(runs(status, true, true), `${status}, but trust does not count`);
    t.notOk(runs(status, false, true), `${status}, and off`);
  }
  t.end();
});
