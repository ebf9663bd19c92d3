import t from 'tap';
import { LONGEST_TIMER_MS } from '../../../server/system/node/timers.js';

t.test('Node accepts the longest delay, and fires at once for a longer one', (t) => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  clearTimeout(setTimeout(() => {}, LONGEST_TIMER_MS));
  const tooLong = setTimeout(() => {
    process.off('warning', onWarning);
    t.same(
      warnings.map(({ name }) => name),
      ['TimeoutOverflowWarning'],
    );
    t.end();
  }, LONGEST_TIMER_MS + 1);
  t.teardown(() => clearTimeout(tooLong));
});
