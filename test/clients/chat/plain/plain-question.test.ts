/** Questions as numbered lines. */
import t from 'tap';
import { askList, askQuestion } from '../../../../clients/chat/plain/plain-question.js';
import { fieldOf } from '../../../../clients/chat/questions/fields.js';
import type { OpenQuestion } from '../../../../clients/chat/questions/question-desk.js';

t.test('a number answers, everything else asks again', async (t) => {
  const said: string[] = [];
  const chosen: unknown[] = [];
  const question: OpenQuestion = {
    title: 'Ask?',
    facts: [{ label: 'command', text: 'a\nb\u001b' }],
    itemId: null,
    choices: [
      { key: 'y', label: 'Answer', fills: true },
      { key: 'n', label: 'No', refuses: true },
    ],
    fields: [fieldOf('on', { type: 'boolean', title: 'On' }, true)],
    choose: (key, values) => void chosen.push([key, values]),
  };
  const dialog = askQuestion(question, (text) => said.push(text));
  t.strictSame(said, [
    'Question: Ask?',
    '  command: a\n    b\\u001b',
    '  1. Answer',
    '  2. No',
    'Answer with a number.',
  ]);
  for (const line of ['y', '0', '3', '']) t.equal(dialog.take(line), false, line);
  t.equal(dialog.take('1'), false, 'a field follows');
  t.equal(dialog.take('maybe'), false);
  t.equal(dialog.take('2'), true, 'a number is an option of the field');
  t.strictSame(chosen, [['y', { on: false }]]);
});

t.test('a list', async (t) => {
  const done: (string | null)[] = [];
  const list = () =>
    askList(
      'Which?',
      [{ value: 'a', label: 'A', about: 'first' }],
      () => {},
      (value) => done.push(value),
    );
  t.equal(list().take('1'), true);
  t.equal(list().take('7'), false);
  t.equal(list().take(' '), true);
  t.strictSame(done, ['a', null]);
});
