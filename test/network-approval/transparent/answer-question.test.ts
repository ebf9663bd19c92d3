import { randomBytes } from 'node:crypto';
import { decode, encode, type Packet } from 'dns-packet';
import t from 'tap';
import { answerQuestion } from '../../../server/network-approval/transparent/answer-question.js';
import { createNameAddresses } from '../../../server/network-approval/transparent/name-addresses.js';

const query = (name: string, type: 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' = 'A', more: Packet = {}): Buffer =>
  encode({ type: 'query', id: 77, flags: 0x100, questions: [{ type, name }], ...more });

/** The code, and the data of the answers. */
function ask(message: Buffer, ipv6 = true, names = createNameAddresses()) {
  const bytes = answerQuestion(message, names, ipv6);
  if (bytes === null) return null;
  const { id, answers, questions, additionals, type } = decode(bytes);
  return {
    id,
    type,
    code: (bytes[3] ?? 0) & 15,
    recursion: [(bytes[2] ?? 0) & 1, (bytes[3] ?? 0) >> 7],
    question: questions?.[0]?.name ?? null,
    data: (answers ?? []).map((answer) => ('data' in answer ? answer.data : null)),
    options: additionals?.length ?? 0,
  };
}

t.test('a name has an address of each family, and nothing else', async (t) => {
  t.match(ask(query('Db.Test')), { id: 77, type: 'response', code: 0, data: ['198.18.0.1'], question: 'Db.Test' });
  t.match(ask(query('db.test', 'AAAA')), { code: 0, data: ['fdc0:de00::1'] });
  t.strictSame(ask(query('db.test', 'AAAA'), false)?.data, [], 'not without IPv6');
  for (const type of ['MX', 'TXT', 'PTR'] as const) t.match(ask(query('db.test', type)), { code: 0, data: [] }, type);
  t.strictSame(ask(query('db.test'))?.recursion, [1, 1]);
});

t.test('the same name in other letters is the same name', async (t) => {
  const names = createNameAddresses();
  t.strictSame(ask(query('DB.test'), true, names)?.data, ask(query('db.TEST'), true, names)?.data);
});

t.test('what is no host name has no address', async (t) => {
  for (const name of ['a b.test', 'a\0b.test', `-${'x.'.repeat(120)}*`, 'ü.test', '1.2.3.4', ''])
    t.match(ask(query(name)), { code: 3, data: [] }, JSON.stringify(name));
  t.match(ask(query(`${'x.'.repeat(127)}y`)), { code: 1 }, 'longer than a name can be');
});

t.test('beyond the limit of names the answer is a failure', async (t) => {
  const names = createNameAddresses(1);
  ask(query('a.test'), true, names);
  t.match(ask(query('b.test'), true, names), { code: 2, data: [] });
});

t.test('a question for another type takes no address', async (t) => {
  const names = createNameAddresses(1);
  for (const type of ['MX', 'TXT', 'PTR'] as const) ask(query('a.test', type), true, names);
  ask(query('a.test', 'AAAA'), false, names);
  t.match(ask(query('b.test'), true, names), { code: 0, data: ['198.18.0.1'] });
});

t.test('EDNS gets its record back, and other programs none', async (t) => {
  const options = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  } as const;
  t.equal(ask(query('a.test', 'A', { additionals: [{ ...options, options: [] }] }))?.options, 1);
  t.equal(ask(query('a.test'))?.options, 0);
});

t.test('what is no question is refused, or gets nothing', async (t) => {
  t.equal(answerQuestion(Buffer.alloc(5), createNameAddresses(), true), null, 'too short');
  const response = query('a.test');
  response[2] = 0x81;
  t.equal(ask(response), null, 'an answer: two servers would talk forever');
  const notify = query('a.test');
  notify[2] = 0x20;
  t.match(ask(notify), { code: 4 });
  const two = encode({
    type: 'query',
    id: 1,
    questions: [
      { type: 'A', name: 'a.test' },
      { type: 'A', name: 'b.test' },
    ],
  });
  t.match(ask(two), { code: 1 });
  t.match(ask(encode({ type: 'query', id: 1, questions: [] })), { code: 1 });
  const chaos = encode({ type: 'query', id: 1, questions: [{ type: 'TXT', class: 'CH', name: 'version.bind' }] });
  t.match(ask(chaos), { code: 4 });
});

t.test('no bytes of a command stop it: pointers in circles, cut questions, noise', async (t) => {
  const header = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const circle = Buffer.concat([header, Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  const pair = Buffer.concat([header, Buffer.from([1, 97, 0xc0, 12, 0, 1, 0, 1])]);
  for (const bytes of [circle, pair, Buffer.concat([header, Buffer.from([63])])]) t.match(ask(bytes), { code: 1 });
  const whole = query('some.name.test');
  for (let length = 12; length < whole.length; length++)
    t.equal((answerQuestion(whole.subarray(0, length), createNameAddresses(), true)?.[3] ?? 0) & 15, 1, `${length}`);
  for (let round = 0; round < 2000; round++) {
    const noise = Buffer.concat([header, randomBytes(round % 90)]);
    t.doesNotThrow(() => answerQuestion(noise, createNameAddresses(), true), noise.toString('hex'));
  }
});
