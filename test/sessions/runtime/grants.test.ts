import t from 'tap';
import { createGrants } from '../../../server/sessions/runtime/grants.js';

t.test('what was granted holds in its order until its owner is closed, and nothing holds behind it', (t) => {
  const grants = createGrants();
  const [first, second] = ['/a', '/b'].map((read) => ({ network: false, read: [read], write: [] }));
  grants.add(first!);
  const before = grants.all();
  grants.add(second!);
  t.same(grants.all(), [first, second]);
  t.same(before, [first], 'what was taken before does not grow');
  grants.close();
  grants.add(first!);
  t.same(grants.all(), []);
  t.equal(grants.held, 0);
  t.end();
});
