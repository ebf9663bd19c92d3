import path from 'node:path';
import { spawn as spawnPty } from '@lydell/node-pty';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { terminalText } from '../../../server/cli/output/terminal-text.js';
import { event, items, say, startModelServer } from '../../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../../fixtures/program.js';

t.test('case 116: a terminal shows the control characters of models and commands as text, and obeys none', (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['\x1b]52;c;ZXZpbA==\x07', '\\u001b]52;c;ZXZpbA==\\u0007'],
    ['\x1b[2J\x1b[H', '\\u001b[2J\\u001b[H'],
    ['\x9b2J\x9d0;title\x9c', '\\u009b2J\\u009d0;title\\u009c'],
    ['over\rwritten\b\x7f', 'over\\u000dwritten\\u0008\\u007f'],
    ['a\u202eb\u2066c\u2069', 'a\\u202eb\\u2066c\\u2069'],
    ['line\u2028end', 'line\\u2028end'],
    ['dos\r\nline\n\ttab é 日本 👩‍👧', 'dos\nline\n\ttab é 日本 👩‍👧'],
  ];
  for (const [text, shown] of rows) {
    t.equal(terminalText(text, { isTTY: true }), shown);
    t.equal(terminalText(text, {}), text, 'a pipe gets it as it is');
  }
  t.end();
});

t.test('a line of JSON has the same value on a terminal', (t) => {
  const event = { text: 'a\x1b[2J\x9b1m\u202e"\\\n' };
  const line = terminalText(JSON.stringify(event), { isTTY: true });
  t.same(JSON.parse(line), event);
  t.match(line, /^[ -~]*$/);
  t.end();
});

t.test('case 116: `codexd exec` on a terminal sends it none of them', async (t) => {
  const attack = '\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9d0;title\x9c';
  const command = String.raw`printf '\033]52;c;b3V0\007\033[2Jout'`;
  const model = await startModelServer(
    items(event.call('exec_command', { cmd: `${command} # ${attack}` }, 'c1')),
    say(`the ${attack} answer`),
  );
  t.teardown(() => model.close());
  const { work, home, user } = scratch(t, scriptedConfig(model.url));
  const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const pty = spawnPty(process.execPath, [program, 'exec', '--skip-git-repo-check', 'go'], {
    cwd: work,
    env: { ...(process.env as Record<string, string>), CODEX_HOME: home, HOME: user },
    cols: 200,
    rows: 24,
  });
  const limit = setTimeout(() => pty.kill('SIGKILL'), 60_000);
  let screen = '';
  pty.onData((data) => (screen += data));
  const code = await new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  clearTimeout(limit);
  t.equal(code, 0);
  t.match(screen, /the \\u001b\]52;c;ZXZpbA==\\u0007/, 'the answer is there, with the characters as text');
  t.notMatch(screen, /\x1b\]52|\x1b\[2J|\x9d|\x9c|\x07/);
});
