import t from 'tap';
import { matches } from '../../../server/hooks/run/matcher.js';
import { PATCH_NAMES, SHELL_NAMES } from '../../../server/sessions/hooks/tool-names.js';

t.test('hooks of other agents find commands and patches', async (t) => {
  const of = (matcher: string, names: readonly string[]) => matches({ matcher, isManaged: false }, names);
  t.ok(of('Bash', SHELL_NAMES));
  for (const matcher of ['apply_patch', 'Edit', 'Write', 'Edit|Write']) t.ok(of(matcher, PATCH_NAMES), matcher);
  t.notOk(of('Bash', PATCH_NAMES));
});
