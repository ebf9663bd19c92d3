import t from 'tap';
import { createGrants } from '../../../server/sessions/runtime/grants.js';

t.test('grants are valid in their order until their owner is closed, and none is valid afterwards', (t) => {
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
