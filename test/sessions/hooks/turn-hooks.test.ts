import t from 'tap';
import {
  compactionHooks,
  interrupted,
  mayStop,
  promptSubmitted,
  recordLate,
  sessionStarts,
} from '../../../server/sessions/hooks/turn-hooks.js';
import { until } from '../../fixtures/until.js';
import { typed } from '../turn/in-process.js';
import { hook, hookedWork, prints } from './support.js';

t.test('a session starts once, and again after a compaction', async (t) => {
  const w = await hookedWork(t, [
    hook('sessionStart', 'echo one', { matcher: 'resume' }),
    hook('sessionStart', prints({ continue: false, stopReason: 'halt' }), { matcher: 'compact' }),
  ]);
  t.ok(await sessionStarts(w));
  t.ok(await sessionStarts(w));
  t.match(await w.history(), [{ role: 'developer', content: [{ text: 'one' }] }]);
  w.thread.runtime.hooks.begun = 'compact';
  t.notOk(await sessionStarts(w));
  t.match(w.runs(), [{ eventName: 'sessionStart' }, { status: 'stopped', entries: [{ kind: 'stop', text: 'halt' }] }]);
});

t.test('a message is accepted with context, or refused', async (t) => {
  const w = await hookedWork(t, [hook('userPromptSubmit', 'grep -q secret && { echo no >&2; exit 2; }; echo context')]);
  t.match(await promptSubmitted(w, typed('hello'), w.turn.signal), {
    accepted: true,
    records: [{ payload: { content: [{ text: 'context' }] } }],
  });
  t.match(await promptSubmitted(w, typed('a secret'), null), { accepted: false, records: [] });
  t.match(await promptSubmitted(w, { ...typed(''), input: [] }, null), { accepted: true });
  t.equal(w.runs().length, 2, 'what codexd says itself is not a message of a person');
});

t.test('a required hook that an interrupt ends refuses the message', async (t) => {
  const w = await hookedWork(t, [hook('userPromptSubmit', 'sleep 60', { isManaged: true })]);
  const gone = new AbortController();
  const submitted = promptSubmitted(w, typed('hello'), gone.signal);
  gone.abort();
  t.match(await submitted, { accepted: false });
});

t.test('a compaction goes ahead, or is stopped', async (t) => {
  const w = await hookedWork(t, [hook('preCompact', prints({ continue: false }), { matcher: 'auto' })]);
  t.ok(await compactionHooks('preCompact', 'manual', w));
  t.notOk(await compactionHooks('preCompact', 'auto', w));
  t.ok(await compactionHooks('postCompact', 'auto', w));
});

t.test('a turn ends, or continues with what its hooks say', async (t) => {
  const w = await hookedWork(t, [
    hook('stop', 'echo "do <more> & \\"so\\"" >&2; exit 2'),
    hook('stop', prints({ decision: 'block', reason: 'and this' })),
  ]);
  t.notOk(await mayStop(w, 'words', 0));
  t.match(w.told('item/completed'), [
    {
      item: {
        type: 'hookPrompt',
        fragments: [
          { text: 'do <more> & "so"', hookRunId: 'stop:0:/home/hooks.json' },
          { text: 'and this', hookRunId: 'stop:1:/home/hooks.json' },
        ],
      },
    },
  ]);
  t.match(await w.history(), [
    {
      role: 'user',
      content: [
        { text: '<hook_prompt hook_run_id="stop:0:/home/hooks.json">do &lt;more&gt; &amp; "so"</hook_prompt>' },
        { text: '<hook_prompt hook_run_id="stop:1:/home/hooks.json">and this</hook_prompt>' },
      ],
    },
  ]);
  t.ok(await mayStop(w, 'words', 500), 'not without end');
  t.match(w.told('warning'), [{ message: /500 times/ }]);
  const stops = await hookedWork(t, [hook('stop', prints({ continue: false })), hook('stop', 'echo more >&2; exit 2')]);
  t.ok(await mayStop(stops, null, 0), 'a stop outweighs what continues');
});

t.test('late answers, and an interrupt', async (t) => {
  const late = prints({
    systemMessage: 'sm',
    hookSpecificOutput: { hookEventName: 'Stop', additionalContext: 'late' },
  });
  const w = await hookedWork(t, [hook('userPromptSubmit', late, { async: true }), hook('interrupt', 'true')]);
  await promptSubmitted(w, typed('hello'), w.turn.signal);
  await until(() => w.thread.runtime.hooks.held > 0, 'the hook has answered');
  recordLate(w);
  t.match(w.told('warning'), [{ message: 'sm' }]);
  t.match(await w.history(), [{ role: 'developer', content: [{ text: 'late' }] }]);
  await interrupted(w);
  t.match(w.runs(), [{ eventName: 'interrupt', status: 'completed' }]);
});
