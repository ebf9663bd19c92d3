import t from 'tap';
import { seatbeltLaunch, seatbeltPolicy } from '../../../server/sandbox/macos/seatbelt.js';
import type { SandboxPlan } from '../../../server/sandbox/policy/policy.js';

const PLAN: SandboxPlan = {
  base: 'readable',
  mounts: [
    { kind: 'privateFolder', path: '/home/u/.codex', listable: true },
    { kind: 'readable', path: '/home/u/.codex/config.toml' },
    { kind: 'writable', path: '/w' },
    { kind: 'empty', path: '/w/.codex' },
    { kind: 'readable', path: '/w/.git' },
    { kind: 'hidden', path: '/w/a "quoted" \\ name', of: 'file' },
  ],
  placeholders: ['/w/.codex'],
  workingFolder: '/w',
  writable: [],
  unwanted: [],
  sees: () => true,
};

t.test('everything is denied first, and rules for parents come before those for children', (t) => {
  const lines = seatbeltPolicy(PLAN, { kind: 'offline' }).split('\n');
  t.same(lines.slice(0, 2), ['(version 1)', '(deny default)']);
  const at = (line: string): number => lines.indexOf(line);
  const order = [
    '(allow file-read*)',
    '(deny file-read* file-write* (subpath "/home/u/.codex"))',
    '(allow file-read* (subpath "/home/u/.codex/config.toml"))',
    '(allow file-read* file-write* (subpath "/w"))',
    '(deny file-write* (subpath "/w/.codex"))',
    '(deny file-write* (subpath "/w/.git"))',
  ].map(at);
  t.notOk(order.includes(-1), 'each is there');
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.end();
});

t.test('a path cannot end its string and continue as rules', (t) => {
  t.match(
    seatbeltPolicy(PLAN, { kind: 'offline' }),
    '(deny file-read* file-write* (subpath "/w/a \\"quoted\\" \\\\ name"))',
  );
  t.end();
});

t.test('the network is closed, one port, or open', (t) => {
  t.notMatch(seatbeltPolicy(PLAN, { kind: 'offline' }), /network/);
  t.match(seatbeltPolicy(PLAN, { kind: 'lane', port: 3128 }), '(allow network-outbound (remote ip "localhost:3128"))');
  t.notMatch(seatbeltPolicy(PLAN, { kind: 'lane', port: 3128 }), 'network*');
  t.match(seatbeltPolicy(PLAN, { kind: 'direct' }), '(allow network*)');
  for (const port of [0, 65536, 1.5, Number.NaN])
    t.throws(() => seatbeltPolicy(PLAN, { kind: 'lane', port }), RangeError);
  t.end();
});

t.test('the launcher is called by its absolute path, and the command’s words stay words', (t) => {
  const { file, args } = seatbeltLaunch(PLAN, { kind: 'offline' }, ['sh', '-c', 'echo $HOME']);
  t.equal(file, '/usr/bin/sandbox-exec');
  t.same(args.slice(-4), ['--', 'sh', '-c', 'echo $HOME']);
  t.end();
});
