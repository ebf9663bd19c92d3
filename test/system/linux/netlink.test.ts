import t from 'tap';
import type { Libc } from '../../../server/system/linux/libc.js';
import {
  attribute,
  encodeMessages,
  exchange,
  Flag,
  nested,
  readAnswers,
  text,
} from '../../../server/system/linux/netlink.js';

/** An answer of the kernel: NLMSG_ERROR with the errno, 0 for an acknowledgement. */
function answer(index: number, errno: number): Buffer {
  const bytes = Buffer.alloc(36);
  bytes.writeUInt32LE(36, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt32LE(index, 8);
  bytes.writeInt32LE(-errno, 16);
  return bytes;
}

/** A kernel that answers with these, one for each receive. */
function kernel(answers: Buffer[]) {
  const sent: Buffer[] = [];
  let open = 0;
  const libc: Libc = {
    netlinkSocket: () => ++open,
    send: (_socket, bytes) => sent.push(bytes) && bytes.length,
    receive(_socket, into) {
      const next = answers.shift();
      if (next === undefined) throw new Error('recv failed (errno 11)');
      return next.copy(into);
    },
    close: () => void open--,
    setOption() {},
  };
  return { libc, sent, stillOpen: () => open };
}

t.test('attributes are padded to four bytes, and say their length without the padding', async (t) => {
  t.equal(attribute(3, text('ab')).toString('hex'), '0700030061620000');
  t.equal(attribute(1, Buffer.alloc(4, 9)).toString('hex'), '0800010009090909');
  t.equal(nested(2, attribute(1, Buffer.from([5]))).toString('hex'), '0c000280' + '05000100' + '05000000');
});

t.test('a message has its length, type, flags and number before its body', async (t) => {
  const messages = [
    { type: 24, flags: 5, body: Buffer.from([1, 2, 3, 4]) },
    { type: 25, flags: 1, body: Buffer.alloc(0) },
  ];
  t.equal(
    encodeMessages(messages).toString('hex'),
    '14000000' +
      '1800' +
      '0500' +
      '00000000' +
      '00000000' +
      '01020304' +
      '10000000' +
      '1900' +
      '0100' +
      '01000000' +
      '00000000',
  );
});

t.test('answers name the messages, and a refusal its errno', async (t) => {
  t.strictSame(readAnswers(Buffer.concat([answer(1, 0), answer(2, 0)])), [1, 2]);
  t.throws(() => readAnswers(Buffer.concat([answer(1, 0), answer(2, 1)])), {
    message: 'message 2 was refused (EPERM)',
  });
  t.throws(() => readAnswers(answer(0, 4242)), { message: 'message 0 was refused (errno 4242)' });
  t.strictSame(readAnswers(Buffer.alloc(20)), [], 'a length of zero ends, it does not turn in circles');
});

t.test('an exchange ends when each message is acknowledged, and closes its socket', async (t) => {
  const message = (flags: number) => ({ type: 24, flags, body: Buffer.alloc(0) });
  const messages = [
    message(Flag.request),
    message(Flag.request | Flag.acknowledge),
    message(Flag.request | Flag.acknowledge),
  ];
  const good = kernel([answer(1, 0), answer(2, 0)]);
  exchange(good.libc, 12, messages);
  t.equal(good.sent.length, 1, 'one datagram');
  t.equal(good.stillOpen(), 0);
  const silent = kernel([answer(1, 0)]);
  t.throws(() => exchange(silent.libc, 12, messages), /recv failed/);
  t.equal(silent.stillOpen(), 0);
  const no = kernel([answer(1, 2)]);
  t.throws(() => exchange(no.libc, 12, messages), /message 1 was refused \(ENOENT\)/);
  t.equal(no.stillOpen(), 0);
});
