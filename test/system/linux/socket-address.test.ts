import t from 'tap';
import { addressBytes, plainAddressBytes } from '../../../server/system/linux/socket-address.js';

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex');

t.test('the bytes of an address', (t) => {
  const rows: readonly [address: string, bytes: string, plain?: string][] = [
    ['127.0.0.1', '7f000001'],
    ['::1', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['fe80::12:3%eth0', 'fe800000000000000000000000120003'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:10.1.2.255', '00000000000000000000ffff0a0102ff', '0a0102ff'],
    ['::ffff:a01:2ff', '00000000000000000000ffff0a0102ff', '0a0102ff'],
    ['64:ff9b::10.1.2.3', '0064ff9b00000000000000000a010203'],
  ];
  for (const [address, bytes, plain = bytes] of rows) {
    t.equal(hex(addressBytes(address)), bytes, address);
    t.equal(hex(plainAddressBytes(address)), plain, address);
  }
  t.end();
});

t.test('what is no address is refused', (t) => {
  for (const text of ['', 'localhost', '1.2.3', '1:2', '::1::'])
    t.throws(() => addressBytes(text), { name: 'TypeError', message: `${text} is no IP address` });
  t.end();
});
