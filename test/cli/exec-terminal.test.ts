/**
 * `codexd exec` on a terminal: each thing is said once, what is waited for is shown, colors are where they are wanted.
 */
import fs from 'node:fs';
import path from 'node:path';
import { spawn as spawnPty } from '@lydell/node-pty';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { event, items, say, startModelServer, type Step } from '../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig } from '../fixtures/program.js';

t.setTimeout(180_000);

interface Screen {
  /** Everything that came, as it came. */
  readonly raw: () => string;
  /** Resolves when the pattern has been seen. */
  seen(pattern: RegExp): Promise<void>;
}

async function onTerminal(
  t: Test,
  options: {
    readonly script: (screen: Screen) => (Step | (() => Promise<Step>))[];
    /** Once this is seen, the file `go` is made in the working folder. */
    readonly goOn?: RegExp;
    readonly args?: readonly string[];
    readonly env?: Record<string, string>;
  },
): Promise<{ readonly code: number; readonly raw: string; readonly lines: readonly string[] }> {
  let raw = '';
  const waiting: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];
  const look = (): void => {
    for (const { pattern, resolve } of waiting) if (pattern.test(raw)) resolve();
  };
  const screen: Screen = {
    raw: () => raw,
    seen: (pattern) =>
      new Promise((resolve) => {
        waiting.push({ pattern, resolve });
        look();
      }),
  };
  const model = await startModelServer(...options.script(screen));
  t.teardown(() => model.close());
  const { work, home, user } = scratch(t, scriptedConfig(model.url));
  if (options.goOn !== undefined)
    void screen.seen(options.goOn).then(() => fs.writeFileSync(path.join(work, 'go'), ''));
  const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const { NO_COLOR: _none, ...environment } = process.env as Record<string, string>;
  const pty = spawnPty(process.execPath, [program, 'exec', '--skip-git-repo-check', ...(options.args ?? []), 'go'], {
    cwd: work,
    env: { ...environment, TERM: 'xterm', CODEX_HOME: home, HOME: user, ...options.env },
    cols: 60,
    rows: 24,
  });
  const limit = setTimeout(() => pty.kill('SIGKILL'), 100_000);
  pty.onData((data) => {
    raw += data;
    look();
  });
  const code = await new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  clearTimeout(limit);
  // The text that remains after the erased lines are removed.
  const left = raw.replaceAll('\r\n', '\n').replace(/\r\u001b\[2K[^\n\r]*(?=\r\u001b\[2K)/g, '');
  const lines = left
    .replaceAll('\r\u001b[2K', '')
    .replace(/\u001b\[\d+m/g, '')
    .split('\n');
  return { code, raw, lines };
}

const count = (lines: readonly string[], line: string): number => lines.filter((one) => one === line).length;

t.test('the answer is printed once, after a progress line', async (t) => {
  const { code, raw, lines } = await onTerminal(t, {
    script: (screen) => [
      async () => {
        await screen.seen(/\d+s {2}waiting for the model/);
        return items(event.call('exec_command', { cmd: 'until [ -e go ]; do sleep 0.1; done; echo ready' }, 'c1'));
      },
      say('the answer'),
    ],
    goOn: /\d+s {2}running \/bin\/bash/,
  });
  t.equal(code, 0);
  t.equal(count(lines, 'the answer'), 1);
  t.match(raw, /\d+s {2}running \/bin\/bash/);
  for (const line of lines) t.notMatch(line, /waiting for the model|running \/bin/, 'nothing of it stays');
});

t.test('an error is printed once', async (t) => {
  const { code, lines } = await onTerminal(t, { script: () => [{ status: 400, body: 'no such thing' }] });
  t.equal(code, 1);
  t.equal(lines.filter((line) => line.includes('no such thing')).length, 1, lines.join('\n'));
});

t.test('colors: on a terminal, not with NO_COLOR or --color never', async (t) => {
  const script = () => [say('the answer')];
  const color = /\u001b\[\d+m/;
  t.match((await onTerminal(t, { script })).raw, color);
  t.notMatch((await onTerminal(t, { script, env: { NO_COLOR: '1' } })).raw, color);
  t.notMatch((await onTerminal(t, { script, args: ['--color', 'never'] })).raw, color);
  const dumb = await onTerminal(t, { script, env: { TERM: 'dumb' } });
  t.notMatch(dumb.raw, /\u001b/, 'no color, and no line that is erased');
});

t.test('a pipe gets no progress, and colors only with --color', async (t) => {
  const model = await startModelServer(say('one'), say('two'));
  t.teardown(() => model.close());
  const places = scratch(t, scriptedConfig(model.url));
  const plain = await codexd(places, ['exec', '--skip-git-repo-check', 'go']);
  t.notMatch(plain.stderr, /\u001b|waiting/);
  const colored = await codexd(places, ['exec', '--skip-git-repo-check', '--color', 'always', 'go']);
  t.match(colored.stderr, /\u001b\[1mcodex\u001b\[22m\n/);
  t.equal(colored.stdout, 'two\n', 'the answer stays as it is');
});
