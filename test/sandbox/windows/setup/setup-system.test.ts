import t from 'tap';
import { failureText } from '../../../../server/sandbox/windows/setup/setup-system.js';

t.test('a failure has its code before its text', async (t) => {
  t.equal(failureText({ code: 'firewall', text: 'it is off' }), 'firewall: it is off');
});
