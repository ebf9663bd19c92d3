import t from 'tap';
import { operatorsMay } from '../../../server/config/settings/operators.js';

t.test('operators may look unless the configuration says otherwise', async (t) => {
  for (const [written, may] of [
    [undefined, 'see'],
    ['see', 'see'],
    ['none', 'none'],
    ['answer', 'answer'],
    ['everything', 'see'],
  ] as const) {
    t.equal(operatorsMay(written === undefined ? {} : { codexd: { operators: written } }), may, String(written));
  }
});
