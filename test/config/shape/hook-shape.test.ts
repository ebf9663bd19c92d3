import t from 'tap';
import { HOOK_EVENTS, hookShapes } from '../../../server/config/shape/hook-shape.js';

t.test('a person and an administrator can configure hooks of the same events', (t) => {
  const { hooks, managedHooks } = hookShapes();
  const events = ({ fields }: typeof hooks): readonly string[] =>
    Object.keys(fields).filter((name) => /^[A-Z]/.test(name));
  t.strictSame(events(hooks), HOOK_EVENTS);
  t.strictSame(events(managedHooks), HOOK_EVENTS);
  t.end();
});
