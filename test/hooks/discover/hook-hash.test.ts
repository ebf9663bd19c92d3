import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { hashedInput, hookHash } from '../../../server/hooks/discover/hook-hash.js';
import { placeIn } from './support.js';

t.test('the hash of each kind of hook is the official program’s', (t) => {
  const file = path.join(packageRoot(), 'test/hooks/discover/measured-hashes.json');
  const { text, hashes } = JSON.parse(fs.readFileSync(file, 'utf8')) as { text: object; hashes: object };
  const place = placeIn(t.testdir());
  const found = place.hooks({ files: { 'home/hooks.json': JSON.stringify(text) } }).hooks;
  const prefix = `${place.home}/hooks.json:`;
  t.strictSame(Object.fromEntries(found.map((hook) => [hook.key.slice(prefix.length), hook.currentHash])), hashes);
  t.ok(found.length >= 40);
  t.end();
});

t.test('numbers and dates in the input of a tool keep the digits of their file', (t) => {
  const place = placeIn(t.testdir());
  const input = '{"a":1e3,"b":1.50,"c":-0.0,"d":1E-7,"e":9223372036854775807,"f":-9223372036854775808}';
  const config = `[[hooks.PreToolUse]]
matcher = "x"
[[hooks.PreToolUse.hooks]]
type = "mcp_tool"
server = "s"
tool = "t"
input = { a = 1, b = 1.5, c = 1.0, d = 1979-05-27, e = [1, 2.25], f = { g = 1e10 } }
[[hooks.PreToolUse.hooks]]
type = "command"
command = '''
a
b'''
timeout = 5
`;
  const { hooks } = place.hooks({
    files: {
      'home/hooks.json': `{"hooks":{"Stop":[{"hooks":[{"type":"mcp_tool","server":"s","tool":"t","input":${input}}]}]}}`,
      'home/config.toml': config,
    },
  });
  t.same(
    hooks.map(({ currentHash }) => currentHash),
    [
      'sha256:5c5cfd6235883b19e05fa9c4e6f0b38f547719fa9995a9ba701bcdb418abc69a',
      'sha256:6f11831f6dfdb84a6d2a41e4660404d882945531208721dd7048968b4b3d7b31',
      'sha256:1e4a85897d54aff90d8c59c2211f64285797e144f68b587ef925f02d6a8a9cf8',
    ],
  );
  t.end();
});

t.test('each part counts, and the place does not', (t) => {
  const hook = { snake: 'stop', matcher: null, handler: { type: 'command', command: 'x' } };
  const own = hookHash(hook);
  t.match(own, /^sha256:[0-9a-f]{64}$/);
  for (const other of [
    { ...hook, snake: 'interrupt' },
    { ...hook, matcher: '' },
    { ...hook, handler: { ...hook.handler, command: 'x ' } },
    { ...hook, handler: { ...hook.handler, timeout: 5 } },
  ])
    t.not(hookHash(other), own);
  t.equal(
    hookHash({ ...hook, handler: { command: 'x', type: 'command' } }),
    own,
    'the order of members does not count',
  );
  t.not(
    hookHash({ ...hook, handler: { input: hashedInput({ a: 1 }) } }),
    hookHash({ ...hook, handler: { input: hashedInput({ a: '1' }) } }),
  );
  t.end();
});
