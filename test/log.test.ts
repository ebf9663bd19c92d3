import t from 'tap';
import { createLogger } from '../server/log.js';

/** A logger and what it has written, once pino is there. */
function capture(env: Record<string, string>) {
  let text = '';
  const log = createLogger({ env, write: (more) => (text += more) });
  return { log, written: () => new Promise<string>((resolve) => setTimeout(() => resolve(text), 300)) };
}

t.test('errors only by default, a line each, in order', async (t) => {
  const { log, written } = capture({});
  log.info('not this');
  log.error('first', { connection: 1, reason: 'a\nb' });
  log.child('codexd::rpc').error('second\u001b[31m');
  const lines = (await written()).split('\n');
  t.match(lines[0], /^\d{4}-\d\d-\d\dT[\d:.]+Z ERROR codexd: first connection=1 reason=a\\nb$/);
  t.match(lines[1], /^\S+ ERROR codexd::rpc: second\\u001b\[31m$/, 'no control characters of a client');
  t.equal(lines.length, 3);
});

t.test('LOG_FORMAT=json writes one object a line', async (t) => {
  const { log, written } = capture({ LOG_FORMAT: 'JSON' });
  log.error('first', { a: 1 });
  t.match(JSON.parse(await written()), {
    timestamp: /^\d{4}-/,
    level: 'ERROR',
    fields: { message: 'first', a: 1 },
    target: 'codexd',
  });
});

t.test('CODEXD_LOG, else RUST_LOG, chooses levels by target', async (t) => {
  const rows: [env: Record<string, string>, target: string, written: string[]][] = [
    [{ RUST_LOG: 'warn' }, 'codexd', ['error', 'warn']],
    [{ RUST_LOG: 'off' }, 'codexd', []],
    [{ RUST_LOG: 'DEBUG', CODEXD_LOG: 'info' }, 'codexd', ['error', 'warn', 'info']],
    [{ RUST_LOG: 'codexd::rpc=debug' }, 'codexd', ['error']],
    [{ RUST_LOG: 'codexd::rpc=debug' }, 'codexd::rpc', ['error', 'warn', 'info', 'debug']],
    [{ RUST_LOG: 'info,codexd::rpc=off,codexd=debug' }, 'codexd::rpc', []],
    [{ RUST_LOG: 'codexd' }, 'codexd::exec', ['error', 'warn', 'info', 'debug']],
    [{ RUST_LOG: '' }, 'codexd', ['error']],
  ];
  for (const [env, target, want] of rows) {
    const { log, written } = capture(env);
    const child = log.child(target);
    for (const level of ['error', 'warn', 'info', 'debug'] as const) child[level](level);
    const levels = (await written()).match(/ (ERROR|WARN|INFO|DEBUG) /gi) ?? [];
    t.same(
      levels.map((level) => level.trim().toLowerCase()),
      want,
      JSON.stringify(env),
    );
  }
});

t.test('a directive that is none is reported and skipped', async (t) => {
  const { log, written } = capture({ RUST_LOG: '=,warn' });
  log.warn('still');
  t.match(await written(), /^ignoring `=`: invalid filter directive\n\S+  WARN codexd: still\n$/);
});
