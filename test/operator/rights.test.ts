import t from 'tap';
import { assertMayAct, assertMaySee, isOperator } from '../../server/operator/rights.js';
import { fakeClient } from './support.js';

t.test('a client is an operator if it says so', async (t) => {
  for (const [extensions, is] of [
    [undefined, false],
    [null, false],
    [[], false],
    [{}, false],
    [{ 'codexd/operator': null }, false],
    [{ 'codexd/operator': true }, false],
    [{ 'codexd/operator': {} }, true],
  ] as const) {
    t.equal(isOperator({ capabilities: { extensions } }), is, JSON.stringify(extensions));
  }
});

t.test('the setting limits what operators may do', async (t) => {
  const { caller } = fakeClient(1);
  t.equal(assertMaySee(caller, 'see'), 'see');
  t.equal(assertMaySee(caller, 'answer'), 'answer');
  t.throws(() => assertMaySee(caller, 'none'), { message: /operators = "none"/ });
  t.throws(() => assertMayAct(caller, 'see'), { message: /may only look/ });
  t.throws(() => assertMayAct(caller, 'none'), { message: /operators = "none"/ });
  t.doesNotThrow(() => assertMayAct(caller, 'answer'));
  t.throws(() => assertMaySee(fakeClient(2, { operator: false }).caller, 'answer'), { message: /need the capability/ });
});
