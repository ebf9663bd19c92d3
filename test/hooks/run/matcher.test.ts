import t from 'tap';
import { matches } from '../../../server/hooks/run/matcher.js';

const of = (matcher: string | null, isManaged = false) => ({ matcher, isManaged });

t.test('words are names, everything else is a regular expression', async (t) => {
  const bash = (matcher: string | null) => matches(of(matcher), ['Bash']);
  for (const yes of ['Bash', 'Bash|Edit', 'Edit|Bash', '^Bash$', '.*', 'Ba.', '', '*', null]) t.ok(bash(yes), `${yes}`);
  for (const no of ['bash', 'Ba', 'ash', 'Edit|Write', '^Edit', 'exec_command', '|']) t.notOk(bash(no), no);
  t.ok(matches(of('mcp__srv__.*'), ['mcp__srv__echo']));
  t.notOk(matches(of('mcp__srv'), ['mcp__srv__echo']), 'a word is not the beginning of a name');
  t.ok(matches(of('^mcp__'), ['mcp__srv__echo']));
});

t.test('a subject has several names, or none', async (t) => {
  const names = ['apply_patch', 'Edit', 'Write'];
  for (const yes of ['apply_patch', 'Edit', 'Write', 'Edit|Write', 'Read|Write']) t.ok(matches(of(yes), names), yes);
  t.notOk(matches(of('Bash'), names));
  t.ok(matches(of('Bash'), []), 'the event has no subject');
});

t.test('what cannot be read is for nothing, and for everything if an administrator wrote it', async (t) => {
  t.notOk(matches(of('('), ['Bash']));
  t.ok(matches(of('(', true), ['Bash']));
});
