/** The command line of `codexd chat`. */
import t from 'tap';
import { chatOptions, threadWishes } from '../../../server/cli/chat/chat-options.js';
import { readArguments } from '../../../server/cli/options/command-line.js';
import { CODEXD } from '../../../server/cli/program.js';

function parse(...args: string[]) {
  const found = readArguments(CODEXD, ['chat', ...args]);
  if (!('command' in found)) throw new Error('help');
  return found.command;
}

t.test('messages and sessions', async (t) => {
  const rows: [args: string[], options: object][] = [
    [[], { earlier: null, prompt: null, plain: false }],
    [['hello'], { earlier: null, prompt: 'hello' }],
    [['--resume'], { earlier: { kind: 'named', session: '' }, prompt: null }],
    [['--resume', 'abcd', 'go on'], { earlier: { kind: 'named', session: 'abcd' }, prompt: 'go on' }],
    [['--resume', '--last', 'go on'], { earlier: { kind: 'last', anywhere: false }, prompt: 'go on' }],
    [['--resume', '--last', '--all'], { earlier: { kind: 'last', anywhere: true }, prompt: null }],
    [['--plain'], { plain: true }],
    [['--attach', 'ws://127.0.0.1:1'], { server: { remote: { address: 'ws://127.0.0.1:1/' } } }],
    [['--remote', 'unix:///x', '--image', 'a.png'], { server: { remote: { socketPath: '/x' } } }],
  ];
  for (const [args, options] of rows) t.match(chatOptions(parse(...args)), options, args.join(' '));
  t.throws(() => chatOptions(parse('one', 'two')), { message: /Only one message/ });
  t.throws(() => chatOptions(parse('--attach', 'ws://127.0.0.1:1', '--oss')), { message: /--oss .* --attach/ });
  t.throws(() => chatOptions(parse('--attach-auth-token-env', 'X')), { message: /requires `--attach`/ });
  t.throws(() => parse('--last'), { message: /resume/ });
});

t.test('what a thread gets', async (t) => {
  const wishes = (...args: string[]) => {
    const parsed = parse(...args);
    return threadWishes(chatOptions(parsed), parsed);
  };
  t.strictSame(wishes('-C', '/', '-m', 'x', '-s', 'read-only', '-a', 'untrusted'), {
    cwd: '/',
    model: 'x',
    sandbox: 'read-only',
    approvalPolicy: 'untrusted',
  });
  t.match(wishes('--yolo'), { sandbox: 'danger-full-access', approvalPolicy: 'never' });
  t.match(wishes('--attach', 'ws://127.0.0.1:1', '-c', 'a.b=1'), { config: { a: { b: 1 } } });
});
