import t from 'tap';
import { chosen, detailsOf, named } from '../../../server/services/external-agent/kind.js';

t.test('a choice of names that are there; everything, where nothing was chosen', (t) => {
  t.same(chosen(['a', 'b'], named(['b', 'c'])), ['b']);
  t.same(chosen(['a', 'b'], undefined), ['a', 'b']);
  t.same(detailsOf({ hooks: named(['x']) }).hooks, [{ name: 'x' }]);
  t.same(detailsOf({}).skills, []);
  t.end();
});
