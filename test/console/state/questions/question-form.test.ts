import t from 'tap';
import { complete, formOfInput, formOfSchema } from '../../../../clients/console/state/questions/question-form.js';

t.test('the form of an MCP server has a field of each kind, and gives typed content', async (t) => {
  const form = formOfSchema({
    type: 'object',
    required: ['name', 'tags'],
    properties: {
      name: { type: 'string', title: 'Your name' },
      age: { type: 'integer', default: 3 },
      ok: { type: 'boolean' },
      colour: { type: 'string', enum: ['r', 'g'], enumNames: ['Red', 'Green'] },
      size: { type: 'string', oneOf: [{ const: 's', title: 'Small' }] },
      tags: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, default: ['x'] },
    },
  });
  t.strictSame(
    form.fields.map(({ id, kind, label, initial }) => [id, kind, label, initial]),
    [
      ['name', 'text', 'Your name', ''],
      ['age', 'number', 'age', '3'],
      ['ok', 'yesNo', 'ok', false],
      ['colour', 'one', 'colour', ''],
      ['size', 'one', 'size', ''],
      ['tags', 'several', 'tags', ['x']],
    ],
  );
  t.strictSame(form.fields[3]?.options[1], { value: 'g', label: 'Green', help: null });
  t.strictSame(form.result({ name: 'a', age: '7', ok: true, colour: '', tags: ['y'] }), {
    action: 'accept',
    content: { name: 'a', age: 7, ok: true, tags: ['y'] },
  });
});

t.test('a form is complete when its required fields have values and its numbers are numbers', async (t) => {
  const form = formOfSchema({
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, age: { type: 'number' } },
  });
  t.equal(complete(form, { name: '' }), false);
  t.equal(complete(form, { name: 'a' }), true);
  t.equal(complete(form, { name: 'a', age: 'old' }), false);
});

t.test('a secret question hides what is typed', async (t) => {
  const question = { id: 'q', header: 'h', question: 'Key?', isOther: false, isSecret: true, options: null };
  t.equal(formOfInput([question]).fields[0]?.kind, 'secret');
});
