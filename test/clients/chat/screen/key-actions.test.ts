/** Keys that count everywhere. */
import path from 'node:path';
import t from 'tap';
import { keyActions } from '../../../../clients/chat/screen/key-actions.js';

function keys(
  options: {
    readonly running?: boolean;
    readonly text?: string;
    readonly editing?: boolean;
    readonly list?: boolean;
  } = {},
) {
  const done: string[] = [];
  let now = 10_000;
  let lists = options.list === true ? 1 : 0;
  const listener = keyActions({
    isRunning: () => options.running ?? false,
    isEditing: () => options.editing ?? true,
    editorText: () => options.text ?? '',
    clearEditor: () => void done.push('clear'),
    closeList() {
      if (lists === 0) return false;
      lists -= 1;
      done.push('close');
      return true;
    },
    interrupt: () => void done.push('interrupt'),
    hint: () => void done.push('hint'),
    leave: () => void done.push('leave'),
    toggle: () => void done.push('toggle'),
    attach: ({ path: file }) => void done.push(`attach ${path.basename(file)}`),
    images: { cwd: '/', sends: false },
    now: () => now,
  });
  return { done, press: (data: string) => listener(data)?.consume ?? false, wait: (ms: number) => (now += ms) };
}

const BREAK = '\u0003';

t.test('Ctrl-C: interrupt, clear, or a hint; twice leaves', async (t) => {
  const rows: [options: Parameters<typeof keys>[0], first: string][] = [
    [{ running: true, text: 'x' }, 'interrupt'],
    [{ text: 'x' }, 'clear'],
    [{}, 'hint'],
    [{ editing: false, text: 'x' }, 'hint'],
  ];
  for (const [options, first] of rows) {
    const { done, press } = keys(options);
    t.equal(press(BREAK), true);
    press(BREAK);
    t.strictSame(done, [first, 'leave']);
  }
  const choosing = keys({ running: true, editing: false, list: true });
  for (let count = 0; count < 3; count += 1) choosing.press(BREAK);
  t.strictSame(choosing.done, ['close', 'interrupt', 'leave'], 'the first one closes a list, and does not count');
  const { done, press, wait } = keys();
  press(BREAK);
  wait(3000);
  press(BREAK);
  t.strictSame(done, ['hint', 'hint'], 'a late second one is a first one');
});

t.test('Esc, Ctrl-D and Ctrl-O', async (t) => {
  const running = keys({ running: true });
  t.equal(running.press('\u001b'), true);
  t.strictSame(running.done, ['interrupt']);
  t.equal(keys().press('\u001b'), false, 'the editor has it');
  t.equal(keys({ running: true, editing: false }).press('\u001b'), false, 'the question has it');
  const idle = keys();
  idle.press('\u0004');
  idle.press('\u000f');
  t.strictSame(idle.done, ['leave', 'toggle']);
  t.equal(keys({ text: 'x' }).press('\u0004'), false, 'the editor deletes a letter');
});

t.test('the path of an image is attached, other pastes are text', async (t) => {
  const folder = t.testdir({ 'a b.png': 'x' });
  const { done, press } = keys();
  const paste = (text: string): boolean => press(`\u001b[200~${text}\u001b[201~`);
  t.equal(paste(`${folder}/a\\ b.png `), true);
  t.equal(paste(`'${folder}/a b.png'`), true);
  t.equal(paste(`${folder}/none.png`), false);
  t.equal(paste('some text'), false);
  t.strictSame(done, ['attach a b.png', 'attach a b.png']);
});
