/** What a person types into a field. */
import t from 'tap';
import { fieldOf, toolField } from '../../../../clients/chat/questions/fields.js';

const OPTIONS = [
  { label: 'Blue', text: '', value: 'blue' },
  { label: '3', text: '', value: '3' },
  { label: 'Red', text: '', value: 'red' },
];
const base = { id: 'a', title: 'A', text: '', secret: false };
const NONE = (word: string) => ({ error: `"${word}" is none of the choices.` });

t.test('a question of the model takes a listed answer, and others where it is open', async (t) => {
  const closed = toolField({ ...base, options: OPTIONS, open: false });
  const open = toolField({ ...base, options: OPTIONS, open: true });
  for (const field of [closed, open]) {
    t.strictSame(field.read(' 1 '), { value: 'blue' });
    t.strictSame(field.read('2.'), { value: '3' });
    t.strictSame(field.read('3'), { value: 'red' }, 'the number in the list comes before a text');
    t.strictSame(field.read('Red'), { value: 'red' });
    t.strictSame(field.read('red'), { value: 'red' });
    t.strictSame(field.read(' '), { error: 'Please type an answer.' });
  }
  t.strictSame(closed.read('green'), NONE('green'));
  t.strictSame(closed.read('0'), NONE('0'));
  t.strictSame(open.read(' green '), { value: 'green' });
  t.strictSame(open.read('4'), { value: '4' });
  t.strictSame(toolField({ ...base, options: null, open: true }).read('1'), { value: '1' });
});

t.test('numbers stand for options in forms, also for several', async (t) => {
  const one = fieldOf('a', { type: 'string', enum: ['x', '1'] }, true);
  t.strictSame(one.read('1'), { value: 'x' });
  t.strictSame(one.read('2'), { value: '1' });
  t.strictSame(one.read('3'), NONE('3'));
  const several = fieldOf('a', { type: 'array', items: { type: 'string', enum: ['x', 'y', 'z'] } }, true);
  t.strictSame(several.read('1, z'), { value: ['x', 'z'] });
  t.strictSame(several.read('1,4'), NONE('4'));
  const yes = fieldOf('a', { type: 'boolean' }, true);
  for (const [typed, value] of [
    ['1', true],
    ['Y', true],
    ['2', false],
    ['false', false],
  ] as const)
    t.strictSame(yes.read(typed), { value }, typed);
  t.match(yes.read('3'), { error: String });
});

t.test('numbers as numbers', async (t) => {
  const whole = fieldOf('a', { type: 'integer' }, false);
  t.strictSame(whole.read('12'), { value: 12 });
  t.match(whole.read('1.5'), { error: 'Please type a whole number.' });
  t.match(whole.read('Infinity'), { error: String });
  t.strictSame(whole.read(''), { value: undefined });
  t.match(fieldOf('a', { type: 'number' }, true).read(''), { error: 'This field is required.' });
  t.strictSame(fieldOf('a', { type: 'number', default: 4 }, true).read(''), { value: 4 });
});
