/** What has the keys. */
import type { Component } from '@earendil-works/pi-tui';
import t from 'tap';
import { createFront } from '../../../../clients/chat/screen/front.js';

function stage() {
  const named = (name: string): Component & { readonly name: string } => ({
    name,
    render: () => [name],
    invalidate() {},
  });
  const focused: Component[] = [];
  const lists = new Map<string, (value: string | null) => void>();
  const editor = named('editor');
  const front = createFront({
    editor,
    list(title, _choices, done) {
      lists.set(title, done);
      return named(title);
    },
    focus: (component) => void focused.push(component),
  });
  return { front, lists, question: named('question'), shown: () => front.shown.render(1)[0], focused };
}

t.test('a list covers a question, and the question comes back', async (t) => {
  const { front, lists, question, shown, focused } = stage();
  t.equal(shown(), 'editor');
  front.ask(question);
  t.equal(shown(), 'question');
  const picked = front.pick('Model', []);
  t.equal(shown(), 'Model');
  lists.get('Model')?.('m');
  t.equal(await picked, 'm');
  t.equal(shown(), 'question');
  front.ask(null);
  t.equal(shown(), 'editor');
  t.equal(focused.length, 4, 'each change moves the keys');
  t.equal(focused.at(-1), front.shown);
});

t.test('a question that comes, and one that goes, leave the list open', async (t) => {
  const { front, lists, question, shown } = stage();
  const picked = front.pick('Model', []);
  front.ask(question);
  t.equal(shown(), 'Model');
  front.ask(null);
  t.equal(shown(), 'Model');
  lists.get('Model')?.(null);
  t.equal(await picked, null);
  t.equal(shown(), 'editor');
});

t.test('no list stays unsettled', async (t) => {
  const { front, lists, shown } = stage();
  const first = front.pick('one', []);
  const second = front.pick('two', []);
  t.equal(await first, null, 'another list took its place');
  lists.get('one')?.('late');
  t.equal(front.closeList(), true);
  t.equal(await second, null);
  t.equal(shown(), 'editor');
  t.equal(front.closeList(), false);
});
