import t from 'tap';
import { HookEventName } from '../../../schema/protocol/services/hooks.js';
import { HOOK_EVENTS } from '../../../server/config/shape/hook-shape.js';
import { eventFacts } from '../../../server/hooks/discover/hook-events.js';

t.test('every event of the wire has facts, with its names', (t) => {
  t.ok(HookEventName);
  t.match(eventFacts('PreToolUse'), {
    name: 'preToolUse',
    snake: 'pre_tool_use',
    hasMatcher: true,
    givesContext: true,
  });
  t.match(eventFacts('UserPromptSubmit'), { snake: 'user_prompt_submit', hasMatcher: false, givesContext: true });
  t.match(eventFacts('SessionEnd'), { mayBeAsync: false, mayBeTool: false, timeout: { usual: 1, most: 3 } });
  const names = HOOK_EVENTS.map((word) => eventFacts(word).snake);
  t.equal(new Set(names).size, 14);
  t.end();
});
