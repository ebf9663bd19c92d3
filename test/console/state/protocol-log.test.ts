import t from 'tap';
import { createProtocolLog, found } from '../../../clients/console/state/protocol-log.js';
import { until } from '../../fixtures/until.js';

t.test('a response has the method of its request, in both directions', async (t) => {
  const log = createProtocolLog(() => 1);
  log.add('sent', '{"id":1,"method":"thread/list","params":{}}');
  log.add('received', '{"id":1,"method":"item/tool/call","params":{}}');
  log.add('received', '{"id":1,"result":{}}');
  log.add('sent', '{"id":1,"error":{"code":1,"message":"no"}}');
  log.add('received', '{"method":"warning","params":{}}');
  await until(() => log.messages.value.length === 5, 'the log is shown');
  t.strictSame(
    log.messages.value.map(({ direction, kind, method }) => `${direction} ${kind} ${method}`),
    [
      'sent request thread/list',
      'received request item/tool/call',
      'received response thread/list',
      'sent error item/tool/call',
      'received notification warning',
    ],
  );
  t.equal(found(log.messages.value, '> thread').length, 1);
  t.equal(found(log.messages.value, '< response').length, 1);
  t.equal(found(log.messages.value, 'nothing').length, 0);
  log.clear();
  t.strictSame(log.messages.value, []);
});
