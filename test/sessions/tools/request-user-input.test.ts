import t from 'tap';
import { requestUserInput } from '../../../server/sessions/tools/request-user-input.js';

const offered = (table: object): unknown =>
  requestUserInput.definition({ table } as unknown as Parameters<typeof requestUserInput.definition>[0]);

t.test('the model has the tool, unless it is switched off', async (t) => {
  t.match(offered({}), { type: 'function', name: 'request_user_input' });
  t.match(offered({ tools: { experimental_request_user_input: { enabled: true } } }), { name: 'request_user_input' });
  t.equal(offered({ tools: { experimental_request_user_input: { enabled: false } } }), null);
});
