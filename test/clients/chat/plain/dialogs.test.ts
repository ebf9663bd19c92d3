/** Which dialog takes the next line. */
import t from 'tap';
import { createDialogs } from '../../../../clients/chat/plain/dialogs.js';
import type { OpenQuestion } from '../../../../clients/chat/questions/question-desk.js';

const CHOICES = [{ value: 'a', label: 'A', about: '' }];

function stage() {
  const said: string[] = [];
  let changes = 0;
  const dialogs = createDialogs({
    say: (text) => void said.push(text),
    showChanges: (itemId) => void said.push(`changes of ${itemId}`),
    changed: () => void (changes += 1),
  });
  const question = (title: string, itemId: string | null = null): OpenQuestion => ({
    title,
    facts: [{ label: 'fact', text: title }],
    itemId,
    choices: [{ key: 'y', label: 'Yes' }],
    fields: [],
    choose: (key) => {
      said.push(`${title} ${key}`);
      dialogs.ask(null);
    },
  });
  return { dialogs, question, take: () => said.splice(0), changes: () => changes };
}
const asked = (title: string): string[] => [
  `Question: ${title}`,
  `  fact: ${title}`,
  '  1. Yes',
  'Answer with a number.',
];
const LIST = ['Model', '  1. A', 'Answer with a number, or with an empty line for none.'];

t.test('a question, with what it is about', async (t) => {
  const { dialogs, question, take, changes } = stage();
  t.equal(dialogs.open, null);
  dialogs.take('1');
  dialogs.remind();
  t.strictSame(take(), [], 'nothing is open');
  dialogs.ask(question('Patch?', 'p'));
  t.equal(dialogs.open, 'question');
  t.strictSame(take(), ['changes of p', ...asked('Patch?')]);
  dialogs.remind();
  t.strictSame(take(), ['Still open: Patch?', '  1. Yes', 'Answer with a number.']);
  dialogs.take('1');
  t.strictSame(take(), ['answered: Yes', 'Patch? y']);
  t.equal(dialogs.open, null);
  t.equal(changes(), 2);
});

t.test('a list gets its lines; a question that came meanwhile is asked after it', async (t) => {
  const { dialogs, question, take } = stage();
  const picked = dialogs.pick('Model', CHOICES);
  dialogs.ask(question('Run?'));
  t.strictSame(take(), LIST);
  t.equal(dialogs.open, 'list');
  dialogs.remind();
  t.strictSame(take(), []);
  dialogs.take('1');
  t.equal(await picked, 'a');
  t.strictSame(take(), asked('Run?'));
  t.equal(dialogs.open, 'question');
});

t.test('a list that a command opens in a question gets the next line, and the question stays', async (t) => {
  const { dialogs, question, take } = stage();
  dialogs.ask(question('Run?'));
  take();
  const picked = dialogs.pick('Model', CHOICES);
  dialogs.take('');
  t.equal(await picked, null);
  t.strictSame(take(), LIST, 'the question is not asked twice');
  dialogs.take('1');
  t.strictSame(take(), ['answered: Yes', 'Run? y']);
});

t.test('no list stays unsettled, and a withdrawn question is not asked', async (t) => {
  const { dialogs, question, take } = stage();
  const first = dialogs.pick('Model', CHOICES);
  const second = dialogs.pick('Model', CHOICES);
  t.equal(await first, null);
  dialogs.ask(question('Run?'));
  dialogs.ask(null);
  take();
  dialogs.take('1');
  t.equal(await second, 'a');
  t.strictSame(take(), []);
  t.equal(dialogs.open, null);
});
