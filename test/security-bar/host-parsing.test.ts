/** Security bar, cases 1 to 15: one text, two readers. Every name and every address here would really answer. */
import { HOSTILE, PUBLIC, PUBLIC_TOO, PUBLIC_V6 } from './support/world.js';
import t from 'tap';
import { connect, get, socksAddress, socksName, type Attempt } from './support/attempt.js';
import { startBar } from './support/bar.js';
import { getsThrough, nothingGetsThrough } from './support/expect.js';

t.setTimeout(120_000);

const BELOW = { domains: { '**.ok.test': 'allow', '*.sub.test': 'allow' } } as const;

const bar = await startBar(t, BELOW, {
  'sub.test': [HOSTILE],
  '*.sub.test': [PUBLIC],
  'ok.test.evil.test': [HOSTILE],
  '*.test': [HOSTILE],
  'xn--mnchen-3ya.test': [PUBLIC],
});

/** A host in every position where a host can occur, on ports that answer. */
const everywhere = (host: string): Attempt[] => [
  get(`http://${host}/`, host),
  get('/', host),
  get(`http://${host}:8080/`, `${host}:8080`),
  connect(`${host}:443`),
  connect(`http://${host}:22/`),
  socksName(host.replace(/^\[|\]$/g, ''), 22, 'inside'),
  socksName(host, 443, 'inside'),
];

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Spelled as an attacker would; `ok.test`, everything below it, and everything below `sub.test` is allowed. */
const SPELLINGS: readonly (readonly [string, readonly string[]])[] = [
  [
    'case 1: NUL before an allowed suffix is refused before policy',
    [
      'evil.test\0.ok.test',
      'evil.test\0ok.test',
      '\0ok.test',
      'ok.test\0',
      'ok.test\0.evil.test',
      'evil.test%00.ok.test',
    ],
  ],
  [
    'case 2: CR, LF, TAB or space in a host is refused',
    [
      'evil.test\r\n.ok.test',
      'evil.test\n.ok.test',
      'evil.test\r.ok.test',
      'ok.test\tevil.test',
      'evil.test .ok.test',
      'evil.test\t.ok.test',
      'evil.test\x0b.ok.test',
      'evil.test\x7f.ok.test',
      'ok.test\r\nHost: evil.test',
      'evil.test%0d%0a.ok.test',
      'evil.test%20.ok.test',
    ],
  ],
  [
    'case 3: a zone id is refused',
    ['::ffff:127.0.0.1%x.ok.test', '[::ffff:127.0.0.1%25x.ok.test]', '[fe80::1%25lo]', '[::1%lo]', 'ok.test%lo'],
  ],
  [
    'case 4: a name over 253, a label over 63, an empty label and a leading dot are refused',
    [
      `${'a.'.repeat(124)}ok.test`,
      `${'a'.repeat(64)}.ok.test`,
      ...['evil.test..ok.test', '.ok.test', 'ok.test..', '..', '.', '', ' ', '-'],
    ],
  ],
  [
    'case 7: Unicode, homographs and broken A-labels are refused or names of their own',
    [
      'оk.test', // the first letter is Cyrillic
      'ок.ok.test',
      'münchen.ok.test',
      'evil.test。ok.test',
      'evil.test．ok.test',
      'o­k.test', // a soft hyphen
      'ｏｋ.test',
      'xn--.ok.test',
      'xn--a.ok.test',
      'xn--k-jmc.test', // the homograph’s A-label
    ].map(latin1),
  ],
  [
    'case 8: a suffix without its dot does not match, nor does the apex of *.',
    ['evilok.test', 'evil-ok.test', 'sub.test', 'sub.test.', 'xsub.test', '*.sub.test', '**.ok.test', '*', 'k.test'],
  ],
  [
    'case 9: an allowed name in front of another does not match',
    ['ok.test.evil.test', 'a.ok.test.evil.test', 'ok.test-evil.test', 'ok.test.evil.test.', 'ok.testevil.test'],
  ],
];

for (const [title, hosts] of SPELLINGS) {
  t.test(title, async (t) => {
    await nothingGetsThrough(t, bar, hosts.flatMap(everywhere), 'no spelling');
    await getsThrough(t, bar, everywhere('a.ok.test'), PUBLIC);
  });
}

t.test('cases 5 and 6: a trailing dot and case are judged, connected and sent in canonical form', async (t) => {
  bar.names.asked.splice(0);
  const spelled = ['OK.test', 'A.oK.TEST.', 'ok.test.'];
  await getsThrough(t, bar, spelled.flatMap(everywhere), PUBLIC, 'the canonical form');
  t.strictSame([...new Set(bar.names.asked)].sort(), ['a.ok.test', 'ok.test'], 'what is looked up');
  await bar.attack([get('http://OK.Test:80/', 'ok.tEST')]);
  t.match(bar.internet.take()[0]?.bytes(), /^GET \/ HTTP\/1\.1\r\nHost: ok\.test\r\n/, 'what the upstream sees');
  bar.configure({ domains: { '**.ok.test': 'allow', 'bad.ok.test': 'deny' } });
  for (const host of ['BAD.ok.test', 'bad.ok.test.', 'Bad.OK.Test.'])
    await nothingGetsThrough(t, bar, everywhere(host), host);
  bar.configure(BELOW);
});

t.test('case 7: a rule in Unicode is its A-label, and only the A-label matches it', async (t) => {
  bar.configure({ domains: { 'münchen.test': 'allow' } });
  await getsThrough(t, bar, everywhere('xn--mnchen-3ya.test'), PUBLIC);
  await getsThrough(t, bar, everywhere('XN--MNCHEN-3YA.test'), PUBLIC);
  await nothingGetsThrough(t, bar, everywhere(latin1('münchen.test')), 'a U-label');
  bar.configure(BELOW);
});

t.test('case 8: **. matches the apex and what is below, *. only what is below', async (t) => {
  await getsThrough(t, bar, ['ok.test', 'a.ok.test', 'a.b.c.ok.test'].flatMap(everywhere).slice(0, 14), PUBLIC);
  await getsThrough(t, bar, everywhere('a.sub.test'), PUBLIC);
  await nothingGetsThrough(t, bar, everywhere('sub.test'), 'the apex');
});

t.test('case 10: deny wins over allow, wildcard and exact, whichever is more specific', async (t) => {
  const rows: readonly (readonly [Record<string, 'allow' | 'deny'>, string])[] = [
    [{ 'a.ok.test': 'allow', '*.ok.test': 'deny' }, 'an exact allow under a wildcard deny'],
    [{ '*.ok.test': 'allow', 'a.ok.test': 'deny' }, 'a wildcard allow over an exact deny'],
    [{ '*': 'allow', '**.ok.test': 'deny' }, 'everything but'],
    [{ '**.ok.test': 'allow', '*.test': 'deny' }, 'a wider deny'],
    [{ 'a.ok.test': 'allow', 'A.OK.TEST.': 'deny' }, 'the same host in another spelling'],
    [{ '*': 'allow', [PUBLIC]: 'deny' }, 'the address that the name leads to'],
  ];
  for (const [domains, why] of rows) {
    bar.configure({ domains });
    await nothingGetsThrough(t, bar, everywhere('a.ok.test'), why);
  }
  bar.configure(BELOW);
  await getsThrough(t, bar, everywhere('a.ok.test'), PUBLIC);
});

/** 127.0.0.1, as inet_aton reads it; also the metadata service and a private address. */
const LOOPBACK = ['2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1', '127.1', '127.0.1', '127.0.0.1.'];
const METADATA = ['2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '0xA9.254.0251.0xfe'];
const PRIVATE = ['167772161', '10.1', '012.0.0.1', '0xa.1', '192.168.257', '0xc0a80101', '172.16.1', '0'];

t.test('case 11: an IP literal never matches a wildcard below a name', async (t) => {
  bar.configure({ domains: { '*.1': 'allow', '*.0.0.1': 'allow', '*.34': 'allow', '**.216.34': 'allow' } });
  const { stderr, exitCode } = await bar
    .run(['true'])
    .catch((error: Error) => ({ stderr: error.message, exitCode: -1 }));
  if (exitCode === 0)
    await nothingGetsThrough(t, bar, ['127.0.0.1', '10.0.0.1', PUBLIC].flatMap(everywhere), 'a literal');
  else t.match(stderr, /domain pattern/, 'such a pattern does not compile');
  bar.configure({ domains: { 'region*.test': 'allow', '93.184.216.3?': 'allow', '*.*.*.*': 'allow' } });
  const second = await bar.run(['true']).catch((error: Error) => ({ stderr: error.message, exitCode: -1 }));
  if (second.exitCode === 0)
    await nothingGetsThrough(
      t,
      bar,
      ['127.0.0.1', '10.0.0.1', '[::1]', '169.254.169.254'].flatMap(everywhere),
      'a glob',
    );
  else t.match(second.stderr, /domain pattern/);
  bar.configure({ domains: { [PUBLIC]: 'allow' } });
  await getsThrough(t, bar, [...everywhere(PUBLIC), socksAddress([93, 184, 216, 34], 22, 'inside')], PUBLIC);
  await nothingGetsThrough(t, bar, everywhere(PUBLIC_TOO), 'another literal');
  bar.configure(BELOW);
});

t.test('case 12: decimal, octal, hex and short IPv4 are converted to their address', async (t) => {
  bar.configure({ domains: { '*': 'allow' } });
  await nothingGetsThrough(t, bar, [...LOOPBACK, ...METADATA, ...PRIVATE].flatMap(everywhere), 'allowed by *');
  await nothingGetsThrough(
    t,
    bar,
    [
      [127, 0, 0, 1],
      [169, 254, 169, 254],
      [10, 0, 0, 1],
      [0, 0, 0, 0],
    ].map((octets) => socksAddress(octets, 22, 'inside')),
    'as octets',
  );
  await nothingGetsThrough(
    t,
    bar,
    ['256.1', '1.2.3.4.5', '0x100000000', '09.1', '1e3', '0x'].flatMap(everywhere),
    'no address',
  );
  await getsThrough(t, bar, ['93.184.216.34', '1572395042', '0x5db8d822', '93.12113954'].flatMap(everywhere), PUBLIC);
  bar.configure({ domains: { '*': 'allow', [PUBLIC]: 'deny' } });
  await nothingGetsThrough(t, bar, ['1572395042', '0x5db8d822', '93.12113954'].flatMap(everywhere), 'a denied address');
  bar.configure(BELOW);
});

t.test('case 13: IPv4 inside IPv6 is judged as that IPv4 address', async (t) => {
  bar.configure({ domains: { '*': 'allow' } });
  const inside = [
    ...['::ffff:7f00:1', '::ffff:127.0.0.1', '::127.0.0.1', '::7f00:1', '::ffff:0:127.0.0.1'],
    ...['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1'],
    ...['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:0a00:0001::', '::ffff:169.254.169.254', '::ffff:10.0.0.1'],
    ...['0:0:0:0:0:FFFF:7F00:0001', '::ffff:0x7f.1', '::1', '::', 'fec0::1', 'fd00:ec2::254', 'fc00::1'],
  ];
  await nothingGetsThrough(
    t,
    bar,
    inside.flatMap((text) => everywhere(`[${text}]`)),
    'allowed by *',
  );
  const mapped = [...Array<number>(10).fill(0), 255, 255, 127, 0, 0, 1];
  const nat64 = [0, 0x64, 0xff, 0x9b, ...Array<number>(8).fill(0), 127, 0, 0, 1];
  await nothingGetsThrough(
    t,
    bar,
    [mapped, nat64].map((octets) => socksAddress(octets, 22, 'inside')),
    'as octets',
  );
  await getsThrough(t, bar, everywhere(`[${PUBLIC_V6}]`).slice(0, 5), PUBLIC_V6);
  bar.configure(BELOW);
});

t.test('case 14: a port in a rule opens that port; 0, 65536 and 443abc are invalid', async (t) => {
  bar.configure({ domains: { 'ok.test:443': 'allow' } });
  const elsewhere = [
    ...['http://ok.test/', 'http://ok.test:8080/'].map((url) => get(url, new URL(url).host)),
    ...[22, 80, 8080].flatMap((port) => [connect(`ok.test:${port}`), socksName('ok.test', port, 'inside')]),
    ...['0', '65536', '443abc', '-443', '443 ', '+443', '0x1bb', '99999999999', '443:22', '443@22'].flatMap((port) => [
      connect(`ok.test:${port}`),
      get(`http://ok.test:${port}/`, `ok.test:${port}`),
      get('/', `ok.test:${port}x`),
    ]),
    socksName('ok.test', 0, 'inside'),
    socksName('ok.test:443', 22, 'inside'),
  ];
  await nothingGetsThrough(t, bar, elsewhere, 'another port');
  await getsThrough(t, bar, [connect('ok.test:443'), connect('ok.test'), socksName('ok.test', 443, 'inside')], PUBLIC);
  bar.configure({ domains: { 'ok.test': 'allow', 'ok.test:22': 'deny' } });
  await nothingGetsThrough(t, bar, [connect('ok.test:22'), socksName('ok.test', 22, 'inside')], 'a denied port');
  await getsThrough(t, bar, [connect('ok.test:443')], PUBLIC);
  for (const port of ['0', '65536', '443abc', '']) {
    bar.configure({ domains: { [`ok.test:${port}`]: 'allow' } });
    const refused = await bar.run(['true']).then(
      ({ exitCode }) => exitCode,
      (error: Error) => error.message,
    );
    if (refused === 0) await nothingGetsThrough(t, bar, everywhere('ok.test'), `a rule with port ${port}`);
    else t.match(refused, /domain pattern/, `a rule with port ${port} refuses every command`);
  }
  bar.configure(BELOW);
});

t.test('case 15: the text before an @ is not a host', async (t) => {
  const disguised = [
    ...['http://ok.test@evil.test/', 'http://ok.test:80@evil.test:8080/', 'http://ok.test%40evil.test/'],
    ...['http://a:b@ok.test@evil.test/', 'http://evil.test#@ok.test/', 'http://evil.test\\@ok.test/'],
    ...['http://evil.test?@ok.test/', 'http://evil.test/@ok.test/'],
  ];
  const attempts = disguised.flatMap((url) => [
    get(url, 'evil.test'),
    get(url, 'ok.test'),
    { ...get(url, ''), send: [`GET ${url} HTTP/1.0\r\n\r\n`] },
    connect(url.slice(7, -1)),
    connect(url),
  ]);
  attempts.push(
    get('/', 'ok.test@evil.test'),
    get('/', 'evil.test@ok.test'),
    socksName('ok.test@evil.test', 22, 'inside'),
  );
  await nothingGetsThrough(t, bar, attempts, 'no disguise');
  const honest = get('http://user:pass@ok.test/', 'ok.test');
  await bar.attack([honest]);
  t.notMatch(bar.internet.take()[0]?.bytes(), /authorization|user|pass/i, 'user information is dropped');
});
