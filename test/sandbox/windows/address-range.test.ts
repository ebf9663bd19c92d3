import t from 'tap';
import { addressRange, portsOf } from '../../../server/sandbox/windows/address-range.js';

t.test('the forms of Windows are the same range', async (t) => {
  const loopback = { family: 4, from: 0x7f000000n, to: 0x7fffffffn };
  for (const form of ['127.0.0.0/8', '127.0.0.0/255.0.0.0', '127.0.0.0-127.255.255.255'])
    t.strictSame(addressRange(form), loopback, form);
  t.strictSame(addressRange('10.0.0.1'), { family: 4, from: 0x0a000001n, to: 0x0a000001n });
  t.strictSame(addressRange('0.0.0.0/0'), { family: 4, from: 0n, to: 0xffffffffn });
  for (const form of ['::/127', '::-::1', '0:0:0:0:0:0:0:0-0::1'])
    t.strictSame(addressRange(form), { family: 6, from: 0n, to: 1n }, form);
  t.strictSame(addressRange('::ffff:127.0.0.1'), { family: 6, from: 0xffff7f000001n, to: 0xffff7f000001n });
  t.equal(addressRange('::/0').to, (1n << 128n) - 1n);
});

t.test('what cannot be read is an error', async (t) => {
  const wrong = [
    '',
    '*',
    'LocalSubnet',
    '127.1',
    '0177.0.0.1',
    '1.2.3.4/33',
    '1.2.3.4/255.0.255.0',
    '1.2.3.4/-1',
    '::1/129',
  ];
  for (const text of [...wrong, 'fe80::1%3', '2.0.0.0-1.0.0.0', '1.2.3.4-::1', '1.1.1.1-2.2.2.2-3.3.3.3', '::/8-::1'])
    t.throws(() => addressRange(text), RangeError, text);
  for (const text of ['', '65536', '5-4', 'RPC', '80,', '1-2-3', '-1']) t.throws(() => portsOf(text), RangeError, text);
});

t.test('ports', async (t) => {
  t.strictSame(portsOf('*'), [[0, 65535]]);
  t.strictSame(portsOf('0-79, 81-65535'), [
    [0, 79],
    [81, 65535],
  ]);
  t.strictSame(portsOf('443'), [[443, 443]]);
});
