import t from 'tap';
import { turnCode } from '../../../../clients/chat/session/exit-codes.js';

t.test('the last turn decides; only an interrupt of the person is an interrupt', async (t) => {
  t.equal(turnCode('completed', false), 0);
  t.equal(turnCode('completed', true), 0, 'the interrupt came too late');
  t.equal(turnCode('failed', false), 1);
  t.equal(turnCode('failed', true), 1);
  t.equal(turnCode('interrupted', true), 130);
  t.equal(turnCode('interrupted', false), 1, 'somebody else interrupted it');
});
