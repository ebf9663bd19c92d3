import t from 'tap';
import { createLogger, type LoggerOptions } from '../../server/log/log.js';
import { logFilterProblem } from '../../server/log/log-filter.js';
import { createSparse } from '../../server/log/log-sparse.js';

/** A logger and what it has written. */
async function capture(env: Record<string, string>, options: Partial<LoggerOptions> = {}) {
  let text = '';
  const log = await createLogger({ env, write: (more) => (text += more), ...options });
  return { log, written: () => text };
}

t.test('errors only by default, one per line, in order', async (t) => {
  const { log, written } = await capture({});
  log.info('not this');
  log.error('first', { connection: 1, reason: 'a\nb' });
  log.child('codexd::rpc').error('second\u001b[31m');
  const lines = written().split('\n');
  t.match(lines[0], /^\d{4}-\d\d-\d\dT[\d:.]+Z ERROR codexd: first connection=1 reason=a\\nb$/);
  t.match(lines[1], /^\S+ ERROR codexd::rpc: second\\u001b\[31m$/, 'no control characters of a client');
  t.equal(lines.length, 3);
});

t.test('LOG_FORMAT=json writes one object per line', async (t) => {
  const { log, written } = await capture({ LOG_FORMAT: 'JSON' });
  log.error('first', { a: 1 });
  t.match(JSON.parse(written()), {
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
    const { log, written } = await capture(env);
    const child = log.child(target);
    for (const level of ['error', 'warn', 'info', 'debug'] as const) child[level](level);
    const levels = written().match(/ (ERROR|WARN|INFO|DEBUG) /gi) ?? [];
    t.same(
      levels.map((level) => level.trim().toLowerCase()),
      want,
      JSON.stringify(env),
    );
  }
});

t.test('an invalid directive is reported and ignored', async (t) => {
  const { log, written } = await capture({ RUST_LOG: '=,warn' });
  log.warn('still');
  t.match(written(), /^ignoring `=`: invalid filter directive\n\S+  WARN codexd: still\n$/);
});

t.test('the command line has precedence over the environment', async (t) => {
  const { log, written } = await capture(
    { CODEXD_LOG: 'off', LOG_FORMAT: 'json' },
    { filter: 'trace', format: 'plain' },
  );
  log.trace('a detail');
  t.match(written(), /^\S+ TRACE codexd: a detail\n$/);
});

t.test('JSON: each line is complete and parses, with any content', async (t) => {
  const { log, written } = await capture({}, { filter: 'info,codexd::rpc=off', format: 'json' });
  t.equal(log.format, 'json');
  const circular: Record<string, unknown> = { id: 2n ** 60n, text: 'a\nb\u001b[31m' };
  circular.self = circular;
  log.info('one', circular);
  log.child('codexd::exec').error('two', { err: new TypeError('why') });
  log.child('codexd::rpc').error('not this');
  log.debug('nor this');
  const lines = written()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; target: string; fields: Record<string, unknown> });
  t.match(lines, [
    { level: 'INFO', target: 'codexd', fields: { message: 'one', text: 'a\nb\u001b[31m' } },
    { level: 'ERROR', target: 'codexd::exec', fields: { message: 'two', err: { type: 'TypeError', message: 'why' } } },
  ]);
  t.equal(lines.length, 2);
});

t.test('announcements are written at every level', async (t) => {
  for (const format of ['plain', 'json'] as const) {
    const { log, written } = await capture({}, { filter: 'off', format });
    log.error('not this');
    log.announce('listening', { url: 'ws://127.0.0.1:1' });
    t.match(written(), /INFO.*listening.*ws:\/\/127\.0\.0\.1:1/, format);
    t.equal(written().split('\n').length, 2);
  }
});

t.test('an unknown directive of the environment is JSON, too', async (t) => {
  const { written } = await capture({ RUST_LOG: '=,error' }, { format: 'json' });
  t.match(JSON.parse(written()), { fields: { message: /ignoring `=`/ } });
});

t.test('--log-level accepts levels, and an error lists them', (t) => {
  for (const good of ['info', 'OFF', 'warn,codexd::exec=debug', 'codexd::rpc=trace'])
    t.equal(logFilterProblem(good), undefined, good);
  for (const bad of ['verbose', 'codexd', 'info,=', 'info=loud', ' , ', 'constructor'])
    t.match(logFilterProblem(bad), /levels are off, error, warn, info, debug and trace/, bad);
  t.end();
});

t.test('lines that other programs can cause without limit become less frequent', (t) => {
  const next = createSparse();
  const numbers = Array.from({ length: 100 }, next).filter((number) => number !== null);
  t.strictSame(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 32, 64]);
  t.end();
});
