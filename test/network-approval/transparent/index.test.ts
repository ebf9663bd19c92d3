import { encode } from 'dns-packet';
import t from 'tap';
import type { CommandPort } from '../../../server/network-approval/proxy/upstream/command-port.js';
import { transparentHandlers } from '../../../server/network-approval/transparent/index.js';

/** Questions alone never reach the command's policy. */
const port = new Proxy({} as CommandPort, {
  get: (_, name) => {
    throw new Error(`asked for ${String(name)}`);
  },
});

t.test('each command has names of its own', async (t) => {
  const ask = (handlers: ReturnType<typeof transparentHandlers>, name: string): string => {
    let last = '';
    const question = encode({ type: 'query', id: 1, questions: [{ type: 'A', name }] });
    handlers.question(question, (answer) => (last = answer.subarray(-4).join('.')));
    return last;
  };
  const [one, other] = [transparentHandlers(port, true), transparentHandlers(port, true)];
  t.equal(ask(one, 'a.test'), '198.18.0.1');
  t.equal(ask(one, 'b.test'), '198.18.0.2');
  t.equal(ask(other, 'b.test'), '198.18.0.1');
});

t.test('what is no question gets no answer', async (t) => {
  transparentHandlers(port, true).question(Buffer.from('noise'), () => t.fail('answered'));
});
