import t from 'tap';
import { hostsWithJudgedNames } from '../../../server/sandbox/linux/hosts-file.js';

const seen = (text: string, addresses: readonly string[] = []): string => hostsWithJudgedNames(text, addresses, 'Box');

t.test('what leads to no other machine stays, byte by byte', (t) => {
  const text = [
    '# static table',
    '127.0.0.1\tlocalhost  # this machine',
    '127.0.1.1 box.corp box',
    '::1 localhost ip6-localhost',
    '::ffff:127.0.0.1 mapped',
    'fe00::0 ip6-localnet',
    'ff02::1 ip6-allnodes',
    '0.0.0.0 ads.test',
    ':: ads.test',
    '255.255.255.255 broadcasthost',
    '',
    '10.1.2.3',
    'no-address name.test',
    '#10.1.2.3 old.test',
    '   ',
  ].join('\n');
  t.equal(seen(text), text);
  t.equal(seen(''), '');
  t.end();
});

t.test('a name of another machine is left to the name server', (t) => {
  for (const address of [
    '10.1.2.3',
    '192.168.0.9',
    '192.0.2.55',
    '203.0.113.7',
    '8.8.8.8',
    '100.64.0.1',
    '169.254.169.254',
    '198.18.0.1',
    '167838211', // 10.1.2.3 as inet_aton(3) reads it, which musl uses
    '012.1.2.3',
    '2001:db8::1',
    'fd00::7',
    'fe80::1%eth0',
    '::ffff:10.1.2.3',
    '64:ff9b::a01:203',
  ]) {
    t.equal(
      seen(`127.0.0.1 localhost\n  ${address}\tdb.corp db # x\n::1 localhost\n`),
      '127.0.0.1 localhost\n::1 localhost\n',
    );
  }
  t.end();
});

t.test('an entry stays if rules allow its address, however it is written', (t) => {
  const text = '10.1.2.3 db.corp\n2001:DB8:0::1 six.corp\n10.1.2.4 other.corp\n';
  t.equal(seen(text, ['10.1.2.3', '2001:db8::1']), '10.1.2.3 db.corp\n2001:DB8:0::1 six.corp\n');
  t.equal(seen('::ffff:10.1.2.3 db.corp', ['10.1.2.3']), '::ffff:10.1.2.3 db.corp');
  t.end();
});

t.test('this machine is the command’s own loopback interface', (t) => {
  const text = '172.17.0.5 box.corp box\nfd00::5 box\n172.17.0.6 box2 mybox box.other\n';
  t.equal(seen(text), '127.0.0.1 box.corp box\n::1 box\n');
  t.equal(seen(text, ['172.17.0.5']), '172.17.0.5 box.corp box\n::1 box\n');
  t.end();
});
