/** Items as lines. */
import t from 'tap';
import { itemLines } from '../../../../clients/chat/text/item-lines.js';
import { NO_STYLES } from '../../../../clients/chat/text/styles.js';
import type { Loose } from '../fake-client.js';

const ALL = { styles: NO_STYLES, most: null, hint: '' };
const SOME = { styles: NO_STYLES, most: { output: 2, diff: 2 }, hint: 'HINT' };
const command = (more: object): Loose => ({ type: 'commandExecution', command: 'ls', status: 'failed', ...more });

t.test('how a command ended', async (t) => {
  for (const [more, end] of [
    [{ status: 'inProgress' }, []],
    [{ status: 'declined' }, ['  not run: refused']],
    [{ exitCode: 0, durationMs: 1500 }, ['  exit code 0 after 1.5 s']],
    [{ exitCode: 3 }, ['  exit code 3']],
    [{ exitCode: -1 }, ['  failed']],
    [{ exitCode: null, durationMs: 7n }, ['  failed after 7 ms']],
  ] as const)
    t.strictSame(itemLines(command(more), ALL), ['$ ls', ...end]);
  const networkDenial = { host: 'h\u001b', port: 80, reason: 'denied' };
  t.strictSame(itemLines(command({ exitCode: 1, networkDenial }), ALL).slice(1), [
    '  ended by the network policy: h\\u001b:80 (denied)',
    '  exit code 1',
  ]);
});

t.test('the end of a long output, and the beginning of a long diff', async (t) => {
  const output = (text: string) => itemLines(command({ aggregatedOutput: text, status: 'inProgress' }), SOME).slice(1);
  t.strictSame(output('1\n2\n3\n'), ['  1', '  2', '  3'], 'a line that says so would be as long');
  t.strictSame(output('1\n2\n3\n4'), ['  … 2 earlier lines (HINT)', '  3', '  4']);
  const diff = '@@ -1 +1 @@\n-a\n+b\n c\n';
  const patch: Loose = {
    type: 'fileChange',
    status: 'failed',
    changes: [{ path: '/a', kind: { type: 'update' }, diff }],
  };
  t.strictSame(itemLines(patch, SOME), [
    'patch failed',
    'edit /a (+1 -1)',
    '  @@ -1 +1 @@',
    '  -a',
    '  … 2 more lines (HINT)',
  ]);
  const added: Loose = { ...patch, status: 'completed', changes: [{ path: '/a', kind: { type: 'add' }, diff: 'x\n' }] };
  t.strictSame(itemLines(added, SOME), ['new file /a (+1 -0)', '  +x']);
});

t.test('tools, searches and images of others are safe', async (t) => {
  const tool = { type: 'mcpToolCall', server: 's\u001b', tool: 't', arguments: { a: '\u202e' } };
  t.strictSame(
    itemLines({ ...tool, result: { content: [{ text: 'x\u001b' }, {}] }, error: { message: 'e\u001b' } } as Loose, ALL),
    ['MCP s\\u001b.t {"a":"\\u202e"}', '  x\\u001b', '  [other content]', '  e\\u001b'],
  );
  t.strictSame(itemLines({ type: 'imageView', path: '/a\u001b' } as Loose, ALL), ['looked at /a\\u001b']);
  const search = { type: 'webSearch', query: 'q', action: { type: 'openPage', url: 'https://h\u001b' } };
  t.strictSame(itemLines(search as Loose, ALL), ['searched the web opened https://h\\u001b']);
  t.strictSame(itemLines({ type: 'userMessage', content: [{ type: 'localImage', path: '/a' }] } as Loose, ALL), [
    '› [localImage /a]',
  ]);
});
