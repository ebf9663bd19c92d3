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
  component.handleInput('x');
  t.strictSame(chosen, [], 'a key of no choice does nothing');
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
  component.handleInput('y');
  for (const key of ['1', '\r', '7', '\r']) component.handleInput(key);
  t.strictSame(chosen, ['Yes', ['y', { color: 'red', count: 7 }]]);
});
