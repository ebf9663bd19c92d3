/** The transcript: from events to lines. */
import t from 'tap';
import { CURSOR_MARKER, setCapabilities, visibleWidth } from '@earendil-works/pi-tui';
import { drawEntry } from '../../../../clients/chat/screen/draw-entry.js';
import { GuardedScreen, part } from '../../../../clients/chat/screen/guarded-screen.js';
import { createTranscript } from '../../../../clients/chat/screen/transcript.js';
import { NO_STYLES, stylesFor, TERMINAL_STYLES } from '../../../../clients/chat/text/styles.js';
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';

setCapabilities({ images: null, trueColor: false, hyperlinks: false });
const FORM = { styles: NO_STYLES, width: 40, expanded: false };
const TIMES = { startedAtMs: null, completedAtMs: null };
const message = (text: string): ThreadItem =>
  ({
    ...TIMES,
    type: 'agentMessage',
    id: 'm',
    text,
    moderation: null,
    phase: null,
    memoryCitation: null,
  }) as ThreadItem;
const command = (more: object): ThreadItem =>
  ({
    ...TIMES,
    type: 'commandExecution',
    id: 'c',
    command: 'make',
    cwd: '/w',
    status: 'inProgress',
    commandActions: [],
    aggregatedOutput: null,
    ...more,
  }) as unknown as ThreadItem;

t.test('items grow, and are replaced by the complete item', async (t) => {
  const transcript = createTranscript();
  transcript.put(message(''));
  transcript.put(command({}));
  transcript.grow({ kind: 'message', itemId: 'm', text: 'hel' });
  transcript.grow({ kind: 'message', itemId: 'm', text: 'lo' });
  transcript.grow({ kind: 'output', itemId: 'c', text: 'x'.repeat(70_000) });
  transcript.grow({ kind: 'output', itemId: 'unknown', text: 'x' });
  transcript.plan([{ step: 'a', status: 'pending' }], null);
  transcript.plan([{ step: 'a', status: 'completed' }], null);
  t.match(transcript.item('m'), { text: 'hello' });
  t.equal((transcript.item('c') as { aggregatedOutput: string }).aggregatedOutput.length, 65_536, 'the tail is kept');
  t.equal(transcript.entries.length, 3, 'a plan is updated in place');
  transcript.put(message('done'));
  t.match(transcript.entries[0], { item: { text: 'done' } });
});

t.test('output is folded until it is expanded', async (t) => {
  const item = command({
    aggregatedOutput: '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
    status: 'failed',
    exitCode: 2,
    durationMs: 1500,
  });
  const entry = { kind: 'item', item, progress: null } as const;
  t.strictSame(drawEntry(entry, FORM), [
    '$ make',
    '  … 3 earlier lines (Ctrl-O shows all)',
    ...['4', '5', '6', '7', '8', '9'].map((line) => `  ${line}`),
    '  exit code 2 after 1.5 s',
  ]);
  t.equal(drawEntry(entry, { ...FORM, expanded: true }).length, 11);
});

t.test('a denied network request, a patch, a plan', async (t) => {
  const networkDenial = {
    host: 'e.test',
    port: 443,
    protocol: 'https',
    reason: 'not_allowed',
    rule: null,
    source: 'decider',
  };
  const denied = drawEntry(
    { kind: 'item', item: command({ status: 'failed', networkDenial }), progress: null },
    { ...FORM, width: 80 },
  );
  t.ok(denied.includes('  ended by the network policy: e.test:443 (not_allowed)'));
  const patch = {
    ...TIMES,
    type: 'fileChange',
    id: 'p',
    status: 'completed',
    changes: [
      { path: 'a.ts', kind: { type: 'update', move_path: null }, diff: '@@ -1 +1 @@\n-old\n+new\n' },
      { path: 'b.ts', kind: { type: 'add' }, diff: 'text\n' },
    ],
  } as unknown as ThreadItem;
  t.strictSame(drawEntry({ kind: 'item', item: patch, progress: null }, FORM), [
    'edit a.ts (+1 -1)',
    '  @@ -1 +1 @@',
    '  -old',
    '  +new',
    'new file b.ts (+1 -0)',
    '  +text',
  ]);
  const colored = drawEntry({ kind: 'diff', text: '+a\n-b\n' }, { ...FORM, styles: TERMINAL_STYLES });
  t.match(colored, [/\u001b\[32m\+a/, /\u001b\[31m-b/]);
  t.strictSame(drawEntry({ kind: 'plan', plan: [{ step: 'x', status: 'inProgress' }], explanation: null }, FORM), [
    'plan',
    '[>] x',
  ]);
  t.notMatch(stylesFor({ NO_COLOR: '1' }).good('x'), /\u001b/);
});

t.test('hostile markdown, output and components reach the screen without a control character', async (t) => {
  const hostile = [
    '\u001b]0;t\u0007 \u001b[2J \u202e \u009b1m &#27;[31m &#x9b;2J &#x202e;',
    '[link](javascript:\u001b]8;;x\u0007) <b\u001b>html</b> `\u001b[8m`',
    '```js\u001b\n\u001b[2J\n```',
    '| \u001b[1A | b |\n|---|---|\n| \u0007 | \u202e |',
    '![image](http://x/\u001b)',
  ].join('\n\n');
  const items = [message(hostile), command({ command: hostile, aggregatedOutput: hostile })];
  const parts = items.map((item) =>
    part((width) => drawEntry({ kind: 'item', item, progress: hostile }, { ...FORM, styles: TERMINAL_STYLES, width })),
  );
  const evil = part(() => [`\u001b]0;raw\u0007${CURSOR_MARKER}\u001b[?25l`, 'w'.repeat(200), '\u001b_Gimage\u001b\\']);
  const screen = new GuardedScreen(() => [...parts, evil]);
  for (const width of [20, 40, 100]) {
    for (const line of screen.render(width)) {
      t.ok(visibleWidth(line) <= width);
      const left = line.replace(CURSOR_MARKER, '').replace(/\u001b\[[0-9;]*m/g, '');
      if (/[\x00-\x1f\x7f-\x9f\u202e]/.test(left)) t.fail(JSON.stringify(line));
    }
  }
});
