/** `codexd mcp add` and `remove`: what they write, what they refuse, and that the rest of the file stays. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { codexd, scratch } from '../../fixtures/program.js';

t.setTimeout(240_000);

const added = (name: string) => ({ code: 0, stdout: `Added global MCP server '${name}'.\n`, stderr: '' });

/** Arguments of `mcp add`, and the section that the reference writes for them. */
const ADDED: readonly (readonly [args: readonly string[], text: string])[] = [
  [['s', '--', 'echo', 'hi'], '[mcp_servers.s]\ncommand = "echo"\nargs = ["hi"]\n'],
  [['s', 'echo', '--env', 'A=1'], '[mcp_servers.s]\ncommand = "echo"\nargs = ["--env", "A=1"]\n'],
  [
    ['s', '--env', 'B=two=2', '--env', 'A=', '--', 'e', '--f', '--', '-h'],
    '[mcp_servers.s]\ncommand = "e"\nargs = ["--f", "--", "-h"]\n\n[mcp_servers.s.env]\nA = ""\nB = "two=2"\n',
  ],
  [
    ['s', '--env', 'A=1', 'B=2', '--', 'e'],
    '[mcp_servers.s]\ncommand = "B=2"\nargs = ["--", "e"]\n\n[mcp_servers.s.env]\nA = "1"\n',
  ],
  [['s', '--env', ' A = b ', '--', 'e'], '[mcp_servers.s]\ncommand = "e"\n\n[mcp_servers.s.env]\nA = " b "\n'],
  [['--', 's', '--', 'e'], '[mcp_servers.s]\ncommand = "--"\nargs = ["e"]\n'],
  [
    ['s', '--url', 'http://127.0.0.1:1/mcp', '--bearer-token-env-var', 'TOKEN'],
    '[mcp_servers.s]\nurl = "http://127.0.0.1:1/mcp"\nbearer_token_env_var = "TOKEN"\n',
  ],
];

t.test('add writes the section that the reference writes', async (t) => {
  const places = scratch(t, '');
  const file = path.join(places.home, 'config.toml');
  for (const [args, text] of ADDED) {
    fs.rmSync(file, { force: true });
    t.strictSame(await codexd(places, ['mcp', 'add', ...args]), added('s'), args.join(' '));
    t.equal(fs.readFileSync(file, 'utf8'), text, args.join(' '));
    t.equal(fs.statSync(file).mode & 0o777, 0o600);
  }
});

t.test('a permission profile is written if there is one of that name, and shown where a server has one', async (t) => {
  const places = scratch(t, 'default_permissions = ":read-only"\n[permissions.tight.filesystem]\n":root" = "read"\n');
  const add = (...args: string[]) => codexd(places, ['mcp', 'add', 's', ...args]);
  t.match(await add('--permissions', 'nosuch', '--', 'e'), { code: 1, stderr: /"nosuch", which cannot be used/ });
  t.match(await add('--permissions', 'tight', '--url', 'http://127.0.0.1:1/'), { code: 1, stderr: /is for programs/ });
  t.strictSame(await add('--permissions', 'tight', '--', 'e'), added('s'));
  t.match(fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'), 'command = "e"\npermissions = "tight"\n');
  t.match((await codexd(places, ['mcp', 'get', 's'])).stdout, '\n  permissions: tight\n');
  t.match((await codexd(places, ['mcp', 'list'])).stdout, /Auth {9}Permissions\n.*Unsupported {2}tight/);
  t.match(JSON.parse((await codexd(places, ['mcp', 'get', 's', '--json'])).stdout), { permissions: 'tight' });
});

t.test('every text is stored so that it reads as it was given', async (t) => {
  const places = scratch(t, '');
  const odd = [`a"b'c\\`, 'l\nm', '', '\u0007', 'ö 🎉', '__proto__'];
  t.match(await codexd(places, ['mcp', 'add', '__proto__', '--env', '__proto__=x', '--', ...odd]), added('__proto__'));
  const { stdout } = await codexd(places, ['mcp', 'get', '__proto__', '--json']);
  const { transport } = JSON.parse(stdout) as { transport: { command: string; args: string[]; env: object } };
  t.strictSame([transport.command, ...transport.args], odd);
  t.strictSame(Object.entries(transport.env), [['__proto__', 'x']]);
});

/** Each of these leaves the file as it was. */
const REFUSED: readonly (readonly [args: readonly string[], code: number, stderr: string])[] = [
  ...['a b', '', 'ö', "a'b", 'a\n'].map(
    (name) =>
      [
        ['add', name, '--', 'e'],
        1,
        `Error: invalid server name '${name}' (use letters, numbers, '-', '_', ':', '@', '/', '.')\n`,
      ] as const,
  ),
  [['remove', 'a b'], 1, "Error: invalid server name 'a b' (use letters, numbers, '-', '_', ':', '@', '/', '.')\n"],
  [['add', 'a', '--url', 'u', '--env', 'A=1'], 1, 'Error: command is required\n'],
  [['add', 'a', '--oauth-client-id', 'c', '--', 'x'], 2, '--url'],
];

t.test('what is refused changes nothing', async (t) => {
  const text = '# mine\n[mcp_servers.kept] # this\ncommand = "x"\n';
  const places = scratch(t, text);
  for (const [args, code, stderr] of REFUSED) {
    const ended = await codexd(places, ['mcp', ...args]);
    t.match(ended, { code, stdout: '' }, args.join(' '));
    t.ok(code === 1 ? ended.stderr === stderr : ended.stderr.includes(stderr), ended.stderr);
  }
  t.equal(fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'), text);
});

t.test('comments and the order of the rest stay', async (t) => {
  const above = '# top\nmodel = "m" # mine\n\n';
  const server = '[mcp_servers.a] # the first\n# inside\ncommand = "old"\nenabled = false\n';
  const below = '\n# about b\n[mcp_servers.b]\nurl = "http://127.0.0.1:1" # there\n# end\n';
  const places = scratch(t, above + server + below);
  const file = path.join(places.home, 'config.toml');
  t.match(await codexd(places, ['mcp', 'add', 'a', '--', 'new']), added('a'));
  const changed = fs.readFileSync(file, 'utf8');
  t.ok(changed.startsWith(above) && changed.endsWith(below), changed);
  t.match(changed, /\[mcp_servers\.a\] # the first\n/);
  t.match(changed, 'command = "new"');
  t.notMatch(changed, 'enabled', 'a server is replaced as a whole');
  t.strictSame(await codexd(places, ['mcp', 'remove', 'a']), {
    code: 0,
    stdout: "Removed global MCP server 'a'.\n",
    stderr: '',
  });
  t.match(await codexd(places, ['mcp', 'remove', 'a']), { code: 0, stdout: "No MCP server named 'a' found.\n" });
  const rest = fs.readFileSync(file, 'utf8');
  t.notMatch(rest, 'mcp_servers.a');
  t.ok(rest.startsWith(above.trimEnd()) && rest.endsWith(below), rest);
});

t.test('an inline table stays one', async (t) => {
  const places = scratch(t, 'mcp_servers = { a = { command = "x" } } # c\n');
  t.match(await codexd(places, ['mcp', 'add', 'b', '--', 'y']), added('b'));
  t.equal(
    fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'),
    'mcp_servers = { a = { command = "x" }, b = { command = "y" } } # c\n',
  );
});

t.test('a faulty config.toml is named with the place, and stays', async (t) => {
  const places = scratch(t, '');
  const file = path.join(places.home, 'config.toml');
  for (const [text, place] of [
    ['model = "m"\nx = [', /config\.toml:2:\d+: /],
    ['model = 3\n[mcp_servers.b]\ncommand = "x"\n', /config\.toml:1:9: /],
    ['mcp_servers = 3\n', /config\.toml:1:\d+: /],
  ] as const) {
    fs.writeFileSync(file, text);
    const ended = await codexd(places, ['mcp', 'add', 'a', '--', 'e']);
    t.match(ended, { code: 1, stdout: '', stderr: place }, text);
    if (!text.startsWith('mcp')) t.match(await codexd(places, ['mcp', 'remove', 'b']), { code: 1, stderr: place });
    t.equal(fs.readFileSync(file, 'utf8'), text);
  }
  fs.writeFileSync(file, '[mcp_servers.bad]\nargs = []\n');
  t.match(await codexd(places, ['mcp', 'remove', 'bad']), { code: 0 }, 'the faulty server itself can be removed');
});

t.test('two calls at a time lose nothing', async (t) => {
  const places = scratch(t, '# mine\n');
  const names = ['a', 'b', 'c', 'd'];
  for (const ended of await Promise.all(names.map((name) => codexd(places, ['mcp', 'add', name, '--', 'e'])))) {
    t.equal(ended.code, 0, ended.stderr);
  }
  const text = fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8');
  for (const name of names) t.match(text, `[mcp_servers.${name}]\n`);
  t.ok(text.startsWith('# mine\n'));
});

t.test('the command line is not written, and a server of it is not removed', async (t) => {
  const places = scratch(t, '');
  const flag = ['-c', 'mcp_servers.q.command="z"'];
  t.match(await codexd(places, [...flag, 'mcp', 'remove', 'q']), { stdout: "No MCP server named 'q' found.\n" });
  t.match(await codexd(places, [...flag, 'mcp', 'add', 'p', '--', 'e']), { code: 0 });
  t.equal(fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'), '[mcp_servers.p]\ncommand = "e"\n');
});

t.test('the default home is created', async (t) => {
  const places = scratch(t, '');
  // An empty CODEX_HOME counts as none.
  t.match(await codexd({ ...places, home: '' }, ['mcp', 'add', 'a', '--', 'e']), added('a'));
  const home = path.join(places.user, '.codex');
  t.equal(fs.statSync(home).mode & 0o777, 0o700);
  t.equal(fs.readFileSync(path.join(home, 'config.toml'), 'utf8'), '[mcp_servers.a]\ncommand = "e"\n');
});
