import t from 'tap';
import {
  RESOLVER_ADDRESS,
  RESOLVER_PORT,
  TRANSPARENT_PORT,
} from '../../../server/network-approval/lanes/transparent-places.js';

t.test('no command can listen at these places: they need a capability that it does not have', async (t) => {
  for (const port of [TRANSPARENT_PORT, RESOLVER_PORT]) t.ok(port > 0 && port < 1024, String(port));
  t.not(TRANSPARENT_PORT, RESOLVER_PORT);
});

t.test('the name server is on the loopback interface, and not at the address that programs listen on', async (t) => {
  t.match(RESOLVER_ADDRESS, /^127\./);
  t.not(RESOLVER_ADDRESS, '127.0.0.1');
});
