import fc from 'fast-check';
import t from 'tap';
import {
  authorityText,
  canonicalHost,
  canonicalWrittenHost,
  parseAuthority,
  parsePort,
} from '../../../server/network-approval/decide/targets.js';

t.test('a host has one canonical form for all spellings', async (t) => {
  const rows: [written: string, kind: string, canonical: string, why: string][] = [
    ['ok.test', 'name', 'ok.test', 'plain'],
    ['OK.Test', 'name', 'ok.test', 'case 6: DNS names have no case'],
    ['ok.test.', 'name', 'ok.test', "case 5: the root's dot is no difference"],
    ['a_b.test', 'name', 'a_b.test', 'underscores are dialled in practice'],
    ['xn--mnchen-3ya.test', 'name', 'xn--mnchen-3ya.test', 'case 7: A-labels stay'],
    ['127.0.0.1', 'ipv4', '127.0.0.1', 'dotted decimal'],
    ['127.0.0.1.', 'ipv4', '127.0.0.1', 'a trailing dot does not make it a name'],
    ['2130706433', 'ipv4', '127.0.0.1', 'case 12: one decimal number'],
    ['0x7f000001', 'ipv4', '127.0.0.1', 'case 12: hexadecimal'],
    ['0x7f.1', 'ipv4', '127.0.0.1', 'case 12: hexadecimal and short'],
    ['017700000001', 'ipv4', '127.0.0.1', 'case 12: octal'],
    ['0177.0.0.1', 'ipv4', '127.0.0.1', 'case 12: octal part'],
    ['127.1', 'ipv4', '127.0.0.1', 'case 12: short'],
    ['0', 'ipv4', '0.0.0.0', 'case 24'],
    ['[::1]', 'ipv6', '::1', 'brackets are not part of the address'],
    ['::1', 'ipv6', '::1', 'the same without brackets'],
    ['[0:0:0:0:0:0:0:1]', 'ipv6', '::1', 'RFC 5952'],
    ['[FE80::0001]', 'ipv6', 'fe80::1', 'case and leading zeros'],
    ['[::ffff:7f00:1]', 'ipv6', '::ffff:127.0.0.1', 'case 13: mapped'],
    ['[::127.0.0.1]', 'ipv6', '::7f00:1', 'case 13: compatible is not mapped'],
    ['[64:ff9b::127.0.0.1]', 'ipv6', '64:ff9b::7f00:1', 'case 13: NAT64'],
  ];
  for (const [written, kind, canonical, why] of rows) {
    t.match(canonicalHost(written), { kind, text: canonical }, `${written}: ${why}`);
  }
});

t.test('an invalid host is refused', async (t) => {
  const rows: [written: string, why: string][] = [
    ['', 'nothing'],
    ['.', 'the root alone'],
    ['evil.test\0.ok.test', 'case 1: NUL ends the name for some readers'],
    ['ok.test\r\nX: y', 'case 2: line ends'],
    ['ok\t.test', 'case 2: tab'],
    ['ok .test', 'case 2: space'],
    ['::ffff:127.0.0.1%x.ok.test', 'case 3: zone id'],
    ['[fe80::1%25lo]', 'case 3: zone id in a URL'],
    ['ok%2etest', 'percent-encoding is not decoded'],
    ['a..b', 'case 4: empty label'],
    ['.ok.test', 'case 4: leading dot'],
    ['ok.test..', 'case 4: two trailing dots'],
    [`${'a'.repeat(64)}.test`, 'case 4: a label of 64'],
    [`${'a.'.repeat(126)}aa`, 'case 4: 254 octets'],
    ['m\u00fcnchen.test', 'case 7: octets above 0x7f on the wire'],
    ['xn--a.test', 'case 7: an A-label that decodes to nothing'],
    ['user@ok.test', 'user information is no part of a host'],
    ['ok.test/', 'a path'],
    ['*.ok.test', 'a pattern'],
    ['[::1', 'a bracket left open'],
    ['[ok.test]', 'brackets hold IPv6 only'],
    ['1.2.3.4.5', 'five numbers are neither'],
    ['ok.1', 'a last label of digits makes it an address or nothing'],
    ['256.0.0.1', 'a part too large'],
    ['4294967296', 'a number too large'],
    ['08.0.0.1', 'no octal digit'],
    [':::', 'colons'],
  ];
  for (const [written, why] of rows) t.equal(canonicalHost(written), null, `${JSON.stringify(written)}: ${why}`);
  t.not(canonicalHost(`${'a.'.repeat(126)}a`), null, '253 octets are a name');
});

t.test('Unicode from a person becomes A-labels', async (t) => {
  t.match(canonicalWrittenHost('M\u00dcNCHEN.test'), { text: 'xn--mnchen-3ya.test' });
  t.match(canonicalWrittenHost('\uff4f\uff4b.test'), { text: 'ok.test' }, 'full-width letters are mapped (UTS 46)');
  t.match(canonicalWrittenHost('127\u3002\uff10\u30020.1'), { text: '127.0.0.1' }, 'ideographic full stops and digits');
  t.equal(canonicalWrittenHost('\u2024'), null, 'a dot that is none');
});

t.test('an authority is a host and a port', async (t) => {
  const rows: [written: string, expected: string | null, why: string][] = [
    ['ok.test', 'ok.test 80', "the scheme's port"],
    ['ok.test:', 'ok.test 80', 'an empty port is no port (RFC 3986)'],
    ['ok.test:8080', 'ok.test 8080', ''],
    ['[::1]:80', '::1 80', ''],
    ['[::1]', '::1 80', ''],
    ['ok.test:0', null, 'case 14: port 0'],
    ['ok.test:65536', null, 'case 14: above the last port'],
    ['ok.test:443abc', null, 'case 14: digits only'],
    ['ok.test:+80', null, 'no sign'],
    ['ok.test:80:90', null, 'two ports'],
    ['user:pass@ok.test', null, 'user information where none is allowed'],
  ];
  for (const [written, expected, why] of rows) {
    const target = parseAuthority(written, 80);
    t.equal(target && `${target.host.text} ${target.port}`, expected, `${written}: ${why}`);
  }
  const rest = parseAuthority('ok.test:80@evil.test:81', 80, { userInfo: true });
  t.match(rest, { host: { text: 'evil.test' }, port: 81 }, 'case 15: what counts stands after the last @');
});

t.test('the canonical form is stable: parsing it gives the same form', async () => {
  const hosts = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(hosts, (raw) => {
      const host = canonicalHost(raw);
      if (host === null) return true;
      const again = canonicalHost(host.text);
      return again?.text === host.text && again.kind === host.kind && /^[a-z0-9._:-]+$/.test(host.text);
    }),
    { numRuns: 2000 },
  );
});

t.test('no text makes the parsers throw, and accepted targets survive writing and reading', async () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webAuthority()),
      fc.boolean(),
      (raw, userInfo) => {
        parsePort(raw);
        const target = parseAuthority(raw, 80, { userInfo });
        if (target === null) return true;
        const again = parseAuthority(authorityText(target, 80), 80);
        return again?.host.text === target.host.text && again.port === target.port;
      },
    ),
    { numRuns: 2000 },
  );
});
