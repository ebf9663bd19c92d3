import t from 'tap';
import { readHookOutput } from '../../../server/hooks/run/read-output.js';

t.test('text, nothing, one object, or invalid', async (t) => {
  t.same(readHookOutput(' \n', {}), { kind: 'nothing' });
  t.same(readHookOutput(' a b \n', {}), { kind: 'text', text: 'a b' });
  t.match(readHookOutput(' {"continue":false} \n', {}), { kind: 'json', output: { continue: false } });
  for (const text of ['{', '[]', '{"__proto__":1}', '{"decision":"block"}', '{"hookSpecificOutput":{}}'])
    t.same(readHookOutput(text, {}), { kind: 'invalid' }, text);
});

t.test('an event has some members, or only the message', async (t) => {
  const shape = { decisions: ['block'], specific: ['additionalContext'] } as const;
  t.match(readHookOutput('{"decision":"block","reason":"r"}', shape), { output: { decision: 'block', reason: 'r' } });
  t.same(readHookOutput('{"decision":"approve"}', shape), { kind: 'invalid' });
  t.match(readHookOutput('{"systemMessage":"s"}', { onlyMessage: true }), { output: { systemMessage: 's' } });
  t.same(readHookOutput('{"continue":true}', { onlyMessage: true }), { kind: 'invalid' });
  const specific = (members: object) => JSON.stringify({ hookSpecificOutput: members });
  t.match(readHookOutput(specific({ hookEventName: 'Stop', additionalContext: 'c' }), shape), {
    output: { specific: { additionalContext: 'c' } },
  });
  t.same(readHookOutput(specific({ hookEventName: 'Other' }), shape), { kind: 'invalid' });
  t.same(readHookOutput(specific({ hookEventName: 'Stop', permissionDecision: 'deny' }), shape), { kind: 'invalid' });
});
