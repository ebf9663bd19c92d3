import t from 'tap';
import { ageOf } from '../../../../clients/chat/commands/find-session.js';
import { helpLines, parseInput, SLASH_COMMANDS } from '../../../../clients/chat/commands/slash-commands.js';

t.test('a slash and a word is a command, a path is a message', async (t) => {
  const rows: [text: string, parsed: object][] = [
    ['hello', { kind: 'message', text: 'hello' }],
    ['/model gpt high', { kind: 'command', name: 'model', argument: 'gpt high' }],
    ['  /quit ', { kind: 'command', name: 'quit', argument: '' }],
    ['/exit', { kind: 'command', name: 'quit' }],
    ['/nope', { kind: 'unknown', word: 'nope' }],
    ['/etc/hosts is wrong', { kind: 'message', text: '/etc/hosts is wrong' }],
    ['/', { kind: 'message' }],
    ['/image a b.png', { kind: 'command', name: 'image', argument: 'a b.png' }],
  ];
  for (const [text, parsed] of rows) t.match(parseInput(text), parsed, text);
});

t.test('the help has every command', async (t) => {
  t.equal(helpLines().length, SLASH_COMMANDS.length);
  t.match(helpLines()[0], /^\/help +List/);
});

t.test('the age of a session', async (t) => {
  const minute = 60_000;
  const rows: [ms: number, text: string][] = [
    [0, 'just now'],
    [5 * minute, '5 min ago'],
    [3 * 60 * minute, '3 h ago'],
    [72 * 60 * minute, '3 days ago'],
    [-minute, 'just now'],
  ];
  for (const [ms, text] of rows) t.equal(ageOf(1e12 - ms, 1e12), text);
});
