import t from 'tap';
import { closeParts, type RuntimePart } from '../../../server/sessions/runtime/part.js';

t.test('all parts close in their order, even if one of them throws', (t) => {
  const closed: string[] = [];
  const part = (name: string): RuntimePart => ({ held: 0, close: () => void closed.push(name) });
  const broken: RuntimePart = {
    held: 0,
    close() {
      throw new Error('it broke');
    },
  };
  const failures: unknown[] = [];
  closeParts({ a: part('a'), b: broken, c: part('c') }, { c: '', b: '', a: '' }, (name, { message }) =>
    failures.push([name, message]),
  );
  t.same(closed, ['c', 'a']);
  t.same(failures, [['b', 'it broke']]);
  const ignore = (): void => {};
  // @ts-expect-error A member without a place in the order does not compile.
  closeParts({ a: part('a'), b: part('b') }, { a: '' }, ignore);
  // @ts-expect-error Nor does one that cannot be closed.
  closeParts({ a: new Map() }, { a: '' }, ignore);
  t.end();
});
