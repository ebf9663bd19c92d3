import t from 'tap';
import { objectsOf, shaped, textOrNull } from '../../../../server/sessions/mcp/connection/protocol.js';

t.test('values are checked for what is used of them', async (t) => {
  t.same(objectsOf([{ a: 1 }]), [{ a: 1 }]);
  t.equal(objectsOf([{}, 5]), null);
  t.equal(objectsOf('x'), null);
  t.equal(textOrNull(5), null);
  const check = shaped((value) => (value === 1 ? 'one' : null))['~standard'];
  t.same(await check.validate(1), { value: 'one' });
  t.match(await check.validate(2), { issues: [{}] });
});
