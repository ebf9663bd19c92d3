import t from 'tap';
import { createPauses } from '../../../server/sessions/runtime/pauses.js';

t.test('watchers are notified of the first question and of the end of the last', (t) => {
  const pauses = createPauses();
  const heard: boolean[] = [];
  const stop = pauses.watch((paused) => heard.push(paused));
  t.same(heard, [], 'nothing is paused yet');
  pauses.add();
  pauses.add();
  t.equal(pauses.count, 2);
  t.same(heard, [true]);
  const late: boolean[] = [];
  pauses.watch((paused) => late.push(paused));
  t.same(late, [true], 'at once');
  t.ok(pauses.remove());
  t.same(heard, [true]);
  t.ok(pauses.remove());
  t.same(
    [heard, late],
    [
      [true, false],
      [true, false],
    ],
  );
  t.notOk(pauses.remove(), 'there is none');
  stop();
  pauses.add();
  t.same(heard, [true, false]);
  pauses.close();
  t.equal(pauses.held, 0);
  pauses.add();
  t.equal(pauses.count, 0, 'it accepts nothing afterwards');
  t.end();
});
