/** Keys of a question. */
import t from 'tap';
import { PAUSE_MS, QuestionPanel } from '../../../../clients/chat/screen/question-panel.js';
import { fieldOf } from '../../../../clients/chat/questions/fields.js';
import type { OpenQuestion } from '../../../../clients/chat/questions/question-desk.js';
import { NO_STYLES } from '../../../../clients/chat/text/styles.js';

const ESCAPE = '\u001b';

function panel(fields: OpenQuestion['fields'] = []) {
  const chosen: unknown[] = [];
  let now = 1000;
  const question: OpenQuestion = {
    title: 'Run \u001b[2J this?',
    facts: [{ label: 'command', text: 'line one\nline \u202etwo' }],
    itemId: null,
    choices: [
      { key: 'y', label: 'Yes', ...(fields.length > 0 ? { fills: true as const } : {}) },
      { key: 'n', label: 'No', refuses: true },
    ],
    fields,
    choose: (key, values) => void chosen.push(values === undefined ? key : [key, values]),
  };
  const component = new QuestionPanel({
    question,
    styles: NO_STYLES,
    changes: ['+ added'],
    now: () => now,
    answered: (label) => void chosen.push(label),
    command: (command) => void chosen.push(command),
  });
  return { component, chosen, wait: (ms: number) => (now += ms), text: () => component.render(60).join('\n') };
}

t.test('keys count only after a pause of the keyboard', async (t) => {
  const { component, chosen, wait } = panel();
  component.handleInput('y');
  wait(PAUSE_MS - 1);
  component.handleInput('y');
  t.strictSame(chosen, [], 'each early key starts the pause again');
  wait(PAUSE_MS);
  for (const key of 'hey') component.handleInput(key);
  t.strictSame(chosen, [], 'a key of no choice begins a word');
  wait(PAUSE_MS);
  component.focused = true;
  component.handleInput('y');
  t.strictSame(chosen, [], 'a question that gets the keys appears');
  wait(PAUSE_MS);
  component.focused = true;
  component.handleInput('y');
  t.strictSame(chosen, ['Yes', 'y']);
});

t.test('Esc gives the least', async (t) => {
  const { component, chosen, wait } = panel();
  wait(PAUSE_MS);
  component.handleInput(ESCAPE);
  t.strictSame(chosen, ['No', 'n']);
});

t.test('everything that is asked is shown, and safe', async (t) => {
  const { text } = panel();
  t.match(
    text(),
    /Run \\u001b\[2J this\?\ncommand +line one\n +line \\u202etwo\n\+ added\n\[y\] Yes\n\[n\] No \(or Esc\)/,
  );
});

t.test('fields are filled in after the choice', async (t) => {
  const { component, chosen, wait, text } = panel([
    fieldOf('color', { type: 'string', enum: ['red', 'blue'], title: 'Color' }, true),
    fieldOf('count', { type: 'integer' }, true),
  ]);
  wait(PAUSE_MS);
  component.handleInput('y');
  t.match(text(), /Color\n1\. red +\n2\. blue/);
  for (const key of ['2', '\r']) component.handleInput(key);
  for (const key of ['x', '\r']) component.handleInput(key);
  t.match(text(), /whole number/);
  component.handleInput(ESCAPE);
  t.match(text(), /\[y\] Yes/, 'Esc goes back to the choices');
  wait(PAUSE_MS);
  component.handleInput('y');
  for (const key of ['1', '\r', '7', '\r']) component.handleInput(key);
  t.strictSame(chosen, ['Yes', ['y', { color: 'red', count: 7 }]]);
});

const ENTER = '\r';

t.test('a command runs, and the question stays open', async (t) => {
  const { component, chosen, wait, text } = panel();
  const type = (keys: string): void => [...keys].forEach((key) => component.handleInput(key));
  wait(PAUSE_MS);
  type('/diff');
  t.match(text(), /\n> \/diff/);
  type(ENTER);
  t.strictSame(chosen.splice(0), [{ kind: 'command', name: 'diff', argument: '' }]);
  type('y');
  t.strictSame(chosen, [], 'the pause counts again');
  wait(PAUSE_MS);
  type(`/nope x${ENTER}`);
  t.strictSame(chosen.splice(0), [{ kind: 'unknown', word: 'nope' }]);
  wait(PAUSE_MS);
  type(`/etc/hosts${ENTER}`);
  t.match(text(), /not a command: the question is still open/);
  wait(PAUSE_MS);
  type(`/${ESCAPE}`);
  type(ESCAPE);
  t.strictSame(chosen, [], 'one Esc leaves the command, and does not refuse');
  wait(PAUSE_MS);
  type(ESCAPE);
  t.strictSame(chosen, ['No', 'n']);
});

t.test('fields: what was wrong is gone, commands run, numbers are options', async (t) => {
  const { component, chosen, wait, text } = panel([
    fieldOf('color', { type: 'string', title: 'Color', enum: ['red', 'green'] }, true),
    fieldOf('name', { type: 'string', title: 'Name' }, false),
  ]);
  const type = (keys: string): void => [...keys].forEach((key) => component.handleInput(key));
  wait(PAUSE_MS);
  type(`y7${ENTER}`);
  t.match(text(), /"7" is none of the choices\.\n> \u001b\[7m \u001b/);
  type(`/status${ENTER}`);
  t.strictSame(chosen.splice(0), [{ kind: 'command', name: 'status', argument: '' }]);
  type(`2${ENTER}`);
  t.match(text(), /^Name: \(may stay empty\)\n> \u001b\[7m \u001b/m);
  t.notMatch(text(), /none of the choices/);
  type(ESCAPE);
  t.match(text(), /\[y\] Yes/);
  wait(PAUSE_MS);
  type(`y1${ENTER}`);
  type(`/tmp${ENTER}`);
  t.strictSame(chosen, ['Yes', ['y', { color: 'red', name: '/tmp' }]], 'what is no command is an answer');
});

t.test('a secret is not shown, at any width', async (t) => {
  const { component, wait } = panel([{ ...fieldOf('key', { type: 'string' }, true), secret: true }]);
  wait(PAUSE_MS);
  for (const key of 'yabc') component.handleInput(key);
  t.match(component.render(60).at(-1), /^> •••$/);
  for (const width of [1, 2, 3, 4]) t.notMatch(component.render(width).join(''), 'abc', String(width));
});
