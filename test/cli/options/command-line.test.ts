import t from 'tap';
import { APP_SERVER } from '../../../server/cli/commands/app-server-command.js';
import { appServerOptions } from '../../../server/cli/options/app-server-options.js';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { STRICT_CONFIG, type CommandSpec } from '../../../server/cli/options/command-spec.js';
import { SANDBOX } from '../../../server/cli/commands/sandbox-command.js';
import { formatUsageError, type UsageError } from '../../../server/cli/options/usage-error.js';

const ROOT: CommandSpec = { name: 'codexd', about: 'x', options: [STRICT_CONFIG], subcommands: [APP_SERVER, SANDBOX] };
const read = (...argv: string[]) => readArguments(ROOT, argv);
const command = (...argv: string[]) => {
  const found = read(...argv);
  if (!('command' in found)) throw new Error('printed');
  return found.command;
};
const options = (...argv: string[]) => appServerOptions(command('app-server', ...argv));

t.test('usage errors, word for word', (t) => {
  const usage = 'Usage: codexd app-server [OPTIONS] [COMMAND]';
  const listen = (value: string, why: string) => `error: invalid value '${value}' for '--listen <URL>': ${why}`;
  const unsupported = (value: string) =>
    listen(
      value,
      `unsupported --listen URL \`${value}\`; expected \`stdio://\`, \`unix://\`, \`unix://PATH\`, \`ws://IP:PORT\`, or \`off\``,
    );
  const invalid = (value: string) =>
    listen(value, `invalid websocket --listen URL \`${value}\`; expected \`ws://IP:PORT\``);
  const rows: [argv: string[], lines: string[]][] = [
    ...['foo', '', 'stdio', 'OFF', 'wss://127.0.0.1:0', 'http://127.0.0.1:0', 'WS://127.0.0.1:0', ' off'].map(
      (value): [string[], string[]] => [['--listen', value], [unsupported(value)]],
    ),
    ...[
      'ws://',
      'ws://localhost:0',
      'ws://127.0.0.1',
      'ws://127.0.0.1:65536',
      'ws://127.0.0.1:0/',
      'ws://[::1]',
      'ws://::1:0',
      'ws://1.2.3:0',
      'ws://127.0.0.1:-1',
    ].map((value): [string[], string[]] => [['--listen', value], [invalid(value)]]),
    [['--listen'], [`error: a value is required for '--listen <URL>' but none was supplied`]],
    [['--listen', '--stdio'], [`error: a value is required for '--listen <URL>' but none was supplied`]],
    [['--bogus'], [`error: unexpected argument '--bogus' found`, '', usage]],
    [['-x'], [`error: unexpected argument '-x' found`, '', usage]],
    [['--version'], [`error: unexpected argument '--version' found`, '', usage]],
    [['bogus'], [`error: unrecognized subcommand 'bogus'`, '', usage]],
    [[''], [`error: unrecognized subcommand ''`, '', usage]],
    [
      ['--', 'foo'],
      [`error: unrecognized subcommand 'foo'`, '', usage],
    ],
    [
      ['help', 'bogus'],
      [`error: unrecognized subcommand 'bogus'`, '', usage],
    ],
    [['--listen', 'stdio://', '--stdio'], [`error: the argument '--listen <URL>' cannot be used with '--stdio'`]],
    [['--stdio', '--stdio'], [`error: the argument '--stdio' cannot be used multiple times`]],
    [['--stdio=x'], [`error: unexpected value 'x' for '--stdio' found; no more were expected`]],
    [
      ['--ws-auth', 'bogus'],
      [
        `error: invalid value 'bogus' for '--ws-auth <MODE>'`,
        '  [possible values: capability-token, signed-bearer-token]',
      ],
    ],
    [
      ['--ws-auth'],
      [
        `error: a value is required for '--ws-auth <MODE>' but none was supplied`,
        '  [possible values: capability-token, signed-bearer-token]',
      ],
    ],
    [
      ['--ws-max-clock-skew-seconds', 'x'],
      [`error: invalid value 'x' for '--ws-max-clock-skew-seconds <SECONDS>': invalid digit found in string`],
    ],
    [['--ws-max-clock-skew-seconds', '-1'], [`error: unexpected argument '-1' found`]],
    [
      ['--ws-max-clock-skew-seconds', '99999999999999999999'],
      [
        `error: invalid value '99999999999999999999' for '--ws-max-clock-skew-seconds <SECONDS>': number too large to fit in target type`,
      ],
    ],
    [['--ws-token-file', ''], [`error: a value is required for '--ws-token-file <PATH>' but none was supplied`]],
    [['-c'], [`error: a value is required for '--config <key=value>' but none was supplied`]],
    [['proxy', '--sock'], [`error: a value is required for '--sock <SOCKET_PATH>' but none was supplied`]],
    [
      ['proxy', 'bogus'],
      [`error: unexpected argument 'bogus' found`, '', 'Usage: codexd app-server proxy [OPTIONS]'],
    ],
    [['proxy', '--listen', 'x'], [`error: unexpected argument '--listen' found`]],
    [
      ['generate-ts'],
      [
        'error: the following required arguments were not provided:',
        '  --out <DIR>',
        '',
        'Usage: codexd app-server generate-ts [OPTIONS] --out <DIR>',
      ],
    ],
    [
      ['--startup-client-info', '{"name":"a","version":"1"}'],
      ['error: the following required arguments were not provided:', '  --print-startup-config'],
    ],
    [['daemon', 'bogus'], [`error: unrecognized subcommand 'bogus'`]],
  ];
  for (const [argv, lines] of rows) {
    try {
      command('app-server', ...argv);
      t.fail(`${argv.join(' ')} is accepted`);
    } catch (error) {
      const text = formatUsageError(error as UsageError);
      t.same(text.split('\n').slice(0, lines.length), lines, argv.join(' '));
      t.match(text, /\n\nFor more information, try '--help'\.\n$/);
    }
  }
  t.end();
});

t.test('command lines of real clients', (t) => {
  t.match(options('--listen', 'stdio://'), { transports: [{ kind: 'stdio' }] });
  t.match(options('--stdio'), { transports: [{ kind: 'stdio' }] });
  t.match(options('--analytics-default-enabled'), { transports: [{ kind: 'stdio' }], webSocketAuth: null });
  t.match(options('--listen=ws://127.0.0.1:0'), { transports: [{ kind: 'websocket', host: '127.0.0.1', port: 0 }] });
  t.match(options('--listen', 'ws://[::1]:80'), { transports: [{ kind: 'websocket', host: '::1', port: 80 }] });
  t.match(options('--listen', 'unix://'), { transports: [{ kind: 'unix', path: null }] });
  t.match(options('--listen', 'unix://a b'), { transports: [{ kind: 'unix', path: 'a b' }] });
  t.match(options('--listen', 'off'), { transports: [{ kind: 'off' }] });
  t.match(options('--listen', 'unix://', '--listen', 'ws://127.0.0.1:0'), {
    transports: [{ kind: 'unix' }, { kind: 'websocket' }],
  });
  t.throws(() => options('--listen', 'unix://', '--listen', 'off'), { name: 'StartError' });
  const before = command(
    '--config',
    'a=1',
    '-cb=2',
    '--enable',
    'x',
    'app-server',
    '-c=c="d=e"',
    '--disable=y',
    '-c',
    'f=-1',
  );
  t.same(appServerOptions(before).config, {
    overrides: ['a=1', 'b=2', 'c="d=e"', 'f=-1'],
    enable: ['x'],
    disable: ['y'],
  });
  t.ok(appServerOptions(command('--strict-config', 'app-server')).strictConfig);
  t.ok(options('--strict-config').strictConfig);
  t.notOk(options().strictConfig);
  t.same(command('app-server', 'proxy', '--sock', 'a').path, ['app-server', 'proxy']);
  t.end();
});

t.test('every command has help, and help takes precedence over later errors', (t) => {
  const printed = (...argv: string[]) => (read(...argv) as { print: string }).print;
  t.equal(printed('--version'), 'version');
  t.equal(printed('-V', 'extra'), 'version');
  t.match(printed('--help'), /Usage: codexd \[OPTIONS\] <COMMAND>/);
  t.match(printed('app-server', '--help', '--bogus'), /Usage: codexd app-server \[OPTIONS\] \[COMMAND\]/);
  t.equal(printed('app-server', '-h'), printed('help', 'app-server'));
  t.equal(printed('app-server', 'help', 'proxy'), printed('app-server', 'proxy', '--help'));
  for (const name of ['proxy', 'generate-ts', 'generate-json-schema', 'daemon']) {
    t.match(printed('app-server', name, '--help'), new RegExp(`Usage: codexd app-server ${name}`));
  }
  for (const option of APP_SERVER.options) t.match(printed('app-server', '--help'), `--${option.long}`);
  t.ok(
    printed('app-server', '--help')
      .split('\n')
      .every((line) => line.length <= 100),
  );
  t.end();
});

t.test('authentication flags that exclude each other', (t) => {
  const digest = 'a'.repeat(64);
  const rows: [argv: string[], message: string][] = [
    [
      ['capability-token'],
      '`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set',
    ],
    [
      ['capability-token', '--ws-token-file', 'x', '--ws-token-sha256', digest],
      '`--ws-token-file` and `--ws-token-sha256` are mutually exclusive',
    ],
    [['capability-token', '--ws-token-sha256', 'zz'], '--ws-token-sha256 must be a 64-character hex SHA-256 digest'],
    [
      ['capability-token', '--ws-token-file', 'x', '--ws-issuer', 'y'],
      '`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`',
    ],
    [['signed-bearer-token'], '`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set'],
    [
      ['signed-bearer-token', '--ws-shared-secret-file', 'x', '--ws-token-file', 'y'],
      '`--ws-token-file` and `--ws-token-sha256` require `--ws-auth capability-token`, not `signed-bearer-token`',
    ],
    [
      ['signed-bearer-token', '--ws-shared-secret-file', 'x', '--ws-max-clock-skew-seconds', '9223372036854775808'],
      'websocket auth clock skew must fit in a signed 64-bit integer',
    ],
  ];
  for (const [argv, message] of rows) t.throws(() => options('--ws-auth', ...argv), { name: 'StartError', message });
  const lonely = 'websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`';
  for (const flag of ['token-file', 'token-sha256', 'shared-secret-file', 'issuer', 'audience']) {
    t.throws(() => options(`--ws-${flag}`, 'x'), { message: lonely });
  }
  t.throws(
    () => options('--listen', 'off', '--ws-max-clock-skew-seconds', '1'),
    { message: lonely },
    'on any transport',
  );
  t.match(
    options(
      '--ws-auth',
      'signed-bearer-token',
      '--ws-shared-secret-file',
      '/s',
      '--ws-issuer',
      ' a ',
      '--ws-audience',
      ' ',
    ),
    {
      webSocketAuth: { secretFile: '/s', issuer: 'a', audience: null, maxClockSkewSeconds: 30 },
    },
  );
  t.end();
});

t.test('a command with trailing words takes everything from the first one on', async (t) => {
  const rows: [why: string, argv: string[], trailing: string[]][] = [
    ['a program', ['make'], ['make']],
    ['its options are its own', ['make', '-C', 'x', '--help', '-c', 'y'], ['make', '-C', 'x', '--help', '-c', 'y']],
    ['ours come before it', ['-P', ':workspace', '--log-denials', 'make'], ['make']],
    ['dashes end ours', ['--', '-P'], ['-P']],
    ['and are taken off once', ['--', '--', 'x'], ['--', 'x']],
    ['later ones stay', ['make', '--', 'x'], ['make', '--', 'x']],
    ['a subcommand behind the dashes is a program', ['--', 'uninstall', 'help'], ['uninstall', 'help']],
    ['an empty word is a word', ['', 'x'], ['', 'x']],
    ['none', [], []],
  ];
  for (const [why, argv, trailing] of rows) t.strictSame(command('sandbox', ...argv).trailing, trailing, why);
  t.strictSame(command('sandbox', 'uninstall').path, ['sandbox', 'uninstall']);
  t.strictSame(command('app-server').trailing, []);
  const help = read('sandbox', 'help');
  t.match('print' in help ? help.print : '', /^Usage: codexd sandbox \[OPTIONS\] \[COMMAND\]\.\.\./m);
});
