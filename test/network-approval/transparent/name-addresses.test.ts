import t from 'tap';
import { createNameAddresses } from '../../../server/network-approval/transparent/name-addresses.js';

t.test('a name keeps its addresses, and they lead back to it', async (t) => {
  const names = createNameAddresses();
  t.strictSame(names.of('a.test'), { ipv4: '198.18.0.1', ipv6: 'fdc0:de00::1' });
  t.strictSame(names.of('b.test'), { ipv4: '198.18.0.2', ipv6: 'fdc0:de00::2' });
  t.strictSame(names.of('a.test'), { ipv4: '198.18.0.1', ipv6: 'fdc0:de00::1' });
  for (const [address, name] of [
    ['198.18.0.1', 'a.test'],
    ['198.18.0.2', 'b.test'],
    ['fdc0:de00::2', 'b.test'],
    ['198.18.0.0', null],
    ['198.18.0.3', null],
    ['198.19.255.255', null],
    ['fdc0:de00::', null],
    ['fdc0:de00::1:0:1', null],
    ['fdc0:de01::1', null],
    ['::1', null],
    ['0.0.0.1', null],
    ['not an address', null],
  ] as const)
    t.equal(names.nameOf(address), name, address);
});

t.test('beyond the limit no name gets an address, and those that have one keep it', async (t) => {
  const names = createNameAddresses(300);
  for (let i = 1; i <= 300; i++) t.not(names.of(`n${i}.test`), null);
  t.equal(names.of('n301.test'), null);
  t.strictSame(names.of('n300.test'), { ipv4: '198.18.1.44', ipv6: 'fdc0:de00::12c' });
  t.equal(names.nameOf('198.18.1.44'), 'n300.test');
  t.equal(names.nameOf('198.18.1.45'), null);
});

t.test('two commands know nothing of each other', async (t) => {
  const [one, other] = [createNameAddresses(), createNameAddresses()];
  one.of('secret.test');
  t.equal(other.nameOf('198.18.0.1'), null);
});
