/** What is asked of the kernel, as data. test/network-approval/lanes/transparent-helper.test.ts has a real kernel. */
import t from 'tap';
import type { Libc } from '../../../server/system/linux/libc.js';
import { makeTransparent, tproxyMessages } from '../../../server/system/linux/transparent-network.js';

const network = { port: 1, resolver: [127, 0, 0, 53] };

/** The names of the expressions of a rule, in order. */
const expressions = (body: Buffer): string[] =>
  [...body.toString('latin1').matchAll(/\x01\x00((?:payload|cmp|meta|immediate|tproxy)\0)/g)].map(([, name]) =>
    String(name).slice(0, -1),
  );

t.test('a table, a chain before routing, and the rules', async (t) => {
  const v4 = tproxyMessages('ipv4', network);
  t.strictSame(
    v4.map(({ type }) => type),
    [0xa00, 0xa03, 0xa06, 0xa06],
  );
  t.strictSame(
    tproxyMessages('ipv6', network).map(({ type }) => type),
    [0xa00, 0xa03, 0xa06, 0xa06, 0xa06],
    'TCP to all addresses, and the questions and answers of name servers',
  );
  const tcpElsewhere = ['payload', 'cmp', 'meta', 'cmp', 'immediate', 'tproxy', 'immediate'];
  t.strictSame(expressions(v4[2]!.body), tcpElsewhere);
  t.strictSame(expressions(v4[3]!.body), [
    'payload',
    'cmp',
    'meta',
    'cmp',
    'payload',
    'cmp',
    'immediate',
    'tproxy',
    'immediate',
  ]);
  const [question, answer] = tproxyMessages('ipv6', network).slice(3);
  const isDns = ['meta', 'cmp', 'payload', 'cmp'];
  t.strictSame(expressions(question!.body), [...isDns, 'payload', 'cmp', 'payload', 'payload', 'payload']);
  t.strictSame(expressions(answer!.body), [...isDns, 'payload', 'payload', 'payload', 'payload'], 'both exchanged');
  for (const { body } of v4) t.equal(body[0], 2, 'AF_INET');
});

t.test('a step that the kernel refuses is named, with the modules that it needs', async (t) => {
  const refusing = (at: number, errno = 2): Libc => {
    let asked = 0;
    return {
      netlinkSocket: () => ++asked,
      send: (_socket, bytes) => bytes.length,
      receive(_socket, into) {
        into.writeUInt32LE(36, 0);
        into.writeUInt16LE(2, 4);
        into.writeInt32LE(asked === at ? -errno : 0, 16);
        return 36;
      },
      close() {},
      setOption() {},
    };
  };
  for (const [at, words] of [
    [1, /a local route to every ipv4 address: message 0 was refused \(ENOENT\); use one with CONFIG_INET$/],
    [2, /a table of nf_tables \(module nf_tables\): .*; `modprobe nf_tables` as root, .* CONFIG_NF_TABLES_IPV4$/],
    [3, /a rule that redirects \(modules nft_tproxy, nf_tproxy_ipv4\): .*; `modprobe nft_tproxy` as root/],
  ] as const)
    t.throws(() => makeTransparent(refusing(at), 'ipv4', network), words);
  for (const at of [1, 2, 3])
    t.throws(() => makeTransparent(refusing(at, 1), 'ipv4', network), /\(EPERM\); let this user have CAP_NET_ADMIN/);
  t.doesNotThrow(() => makeTransparent(refusing(0), 'ipv4', network));
});
