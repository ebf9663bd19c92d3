/** What happens, as lines of text. */
import t from 'tap';
import { createPlainPrinter } from '../../../../clients/chat/plain/plain-printer.js';
import { openedState } from '../../../../clients/chat/session/thread-state.js';
import { message, opened, turn, type Loose } from '../fake-client.js';

function stage() {
  let text = '';
  const printer = createPlainPrinter((line) => void (text += line));
  const take = (): string[] => {
    const lines = text.split('\n');
    text = '';
    return lines.slice(0, -1);
  };
  return { printer, take };
}
const command = (more: object = {}): Loose => ({
  type: 'commandExecution',
  id: 'c',
  command: 'make\nall',
  status: 'completed',
  exitCode: 0,
  durationMs: 5,
  ...more,
});
const person = (text: string): Loose => ({ type: 'userMessage', id: 'p', content: [{ type: 'text', text }] });

t.test('a message comes in whole lines, after the name of its speaker', async (t) => {
  const { printer, take } = stage();
  const grow = (text: string): void => printer.grew({ kind: 'message', itemId: 'm', text });
  printer.started(message('', 'm') as Loose);
  grow('on');
  t.strictSame(take(), [], 'the line is not whole');
  grow('e\r\ntwo\n\u001b');
  t.strictSame(take(), ['codexd:', 'one', 'two']);
  printer.completed(message('one\ntwo\n\u001b', 'm') as Loose, false);
  t.strictSame(take(), ['\\u001b']);
  printer.completed(message('not in pieces', 'n') as Loose, false);
  t.strictSame(take(), ['codexd:', 'not in pieces']);
});

t.test('the output of a command is printed once', async (t) => {
  const { printer, take } = stage();
  printer.started(command({ status: 'inProgress', exitCode: null }));
  t.strictSame(take(), ['$ make', '  all']);
  printer.grew({ kind: 'output', itemId: 'c', text: 'a\rb\nc' });
  t.strictSame(take(), ['  a', '  b']);
  printer.completed(command({ aggregatedOutput: 'a\rb\nc' }), false);
  t.strictSame(take(), ['  c', '  exit code 0 after 5 ms']);
  printer.started(command({ status: 'inProgress', exitCode: null }));
  take();
  printer.completed(command({ aggregatedOutput: 'quick' }), false);
  t.strictSame(take(), ['  quick', '  exit code 0 after 5 ms'], 'without pieces');
  printer.completed(command({ aggregatedOutput: 'joined' }), false);
  t.strictSame(take(), ['$ make', '  all', '  joined', '  exit code 0 after 5 ms'], 'its beginning was not seen');
});

t.test('the changes of a patch, as they are when the question comes', async (t) => {
  const { printer, take } = stage();
  const change = (diff: string) => ({ path: '/a', kind: { type: 'add' as const }, diff });
  const patch = (diff: string): Loose => ({
    type: 'fileChange',
    id: 'f',
    status: 'inProgress',
    changes: [change(diff)],
  });
  printer.started(patch('old'));
  printer.grew({ kind: 'changes', itemId: 'f', changes: [change('new')] });
  t.strictSame(take(), [], 'they come with the question, or at the end');
  printer.showChanges('f');
  t.strictSame(take(), ['new file /a (+1 -0)', '  +new']);
  printer.showChanges('unknown');
  t.strictSame(take(), []);
  printer.completed({ ...patch('new'), status: 'declined' }, false);
  t.strictSame(take(), ['patch declined', 'new file /a (+1 -0)', '  +new']);
  printer.showChanges('f');
  t.strictSame(take(), []);
});

t.test('messages of this chat are not repeated, those of others are', async (t) => {
  const { printer, take } = stage();
  printer.completed(person('mine'), true);
  t.strictSame(take(), []);
  printer.completed(person('theirs\nand more'), false);
  t.strictSame(take(), ['from another client:', '› theirs', '  and more']);
});

t.test('a session that opens shows its last turns', async (t) => {
  const { printer, take } = stage();
  const turns = Array.from({ length: 5 }, (_none, index) =>
    turn(`u${index}`, 'completed', { items: [person(`q${index}`), message(`a${index}`), command()] }),
  );
  printer.opened(openedState(opened('t', { cwd: '/x\u202ey' }) as Loose, []), turns as Loose);
  t.strictSame(take(), [
    'session t',
    'model m, permissions read-only, approvals on-request',
    'folder /x\\u202ey',
    ...[2, 3, 4].flatMap((n) => [`› q${n}`, 'codexd:', `a${n}`]),
  ]);
});

t.test('plans, notes, tools and reasoning', async (t) => {
  const { printer, take } = stage();
  printer.plan(
    [
      { step: 'a', status: 'completed' },
      { step: 'b\u001b', status: 'inProgress' },
      { step: 'c', status: 'pending' },
    ],
    'why',
  );
  printer.note('warning', 'careful');
  printer.note('info', 'so');
  printer.say('text\n');
  printer.started({ type: 'mcpToolCall', id: 't', server: 's', tool: 'x' } as Loose);
  printer.grew({ kind: 'progress', itemId: 't', text: 'half' });
  printer.completed({ type: 'reasoning', id: 'r', summary: ['one\ntwo'] } as Loose, false);
  t.strictSame(take(), [
    ...['plan:', 'why', '  done: a', '  now: b\\u001b', '  later: c'],
    ...['warning: careful', 'so', 'text'],
    ...['MCP s.x', '  half', 'thinking: one', 'thinking: two'],
  ]);
});
