import t from 'tap';
import type { HookEventName } from '../../../schema/protocol/services/hooks.js';
import { judge } from '../../../server/hooks/run/judge.js';

const exit = (event: HookEventName, code: number, stdout: unknown = '', stderr = '') =>
  judge(
    event,
    { kind: 'exit', code, stdout: typeof stdout === 'string' ? stdout : JSON.stringify(stdout), stderr },
    600,
  );
const prints = (event: HookEventName, stdout: unknown) => exit(event, 0, stdout);
const specific = (hookEventName: string, members: object) => ({ hookSpecificOutput: { hookEventName, ...members } });
const error = (text: string) => ({ status: 'failed', entries: [{ kind: 'error', text }], reason: null, allows: false });

t.test('every end that is no exit is a failure', async (t) => {
  t.match(judge('stop', { kind: 'timeout' }, 3), error('hook timed out after 3s'));
  t.match(judge('stop', { kind: 'notRun', why: 'no folder' }, 3), error('no folder'));
  t.equal(judge('stop', { kind: 'cancelled' }, 3).status, 'failed');
  for (const event of ['sessionStart', 'userPromptSubmit', 'preToolUse', 'postToolUse', 'stop', 'interrupt'] as const)
    t.match(exit(event, 1, 'text', 'why'), error('hook exited with code 1'), event);
});

t.test('exit code 2 blocks with what stderr says', async (t) => {
  for (const event of ['userPromptSubmit', 'preToolUse', 'permissionRequest', 'postToolUse', 'stop'] as const) {
    t.same(
      exit(event, 2, '', ' a\nb \n'),
      { status: 'blocked', entries: [{ kind: 'feedback', text: 'a\nb' }], reason: 'a\nb', allows: false },
      event,
    );
    t.match(exit(event, 2, 'stdout does not count'), { status: 'failed' }, event);
  }
  t.match(exit('sessionStart', 2, '', 'x'), error('hook exited with code 2'));
  t.match(exit('preCompact', 2, '', 'x'), error('x'));
  t.match(exit('preCompact', 2), error('hook exited with code 2'));
});

t.test('text is context, nothing, or a mistake', async (t) => {
  t.same(prints('userPromptSubmit', '  padded \n\n').entries, [{ kind: 'context', text: 'padded' }]);
  t.same(prints('sessionStart', '42').entries, [{ kind: 'context', text: '42' }]);
  for (const event of ['preToolUse', 'postToolUse', 'permissionRequest', 'preCompact', 'sessionEnd'] as const)
    t.match(prints(event, 'text'), { status: 'completed', entries: [] }, event);
  t.match(prints('stop', 'text'), error('hook returned invalid stop hook JSON output'));
  t.match(prints('interrupt', 'text'), error('Interrupt hook returned non-JSON stdout'));
});

t.test('JSON has exactly the members of its event', async (t) => {
  const invalid = (event: HookEventName, output: unknown, called: string) =>
    t.match(prints(event, output), error(`hook returned invalid ${called} JSON output`), JSON.stringify(output));
  for (const output of ['{"a":', '[1]', '{}\n{}', { foo: 1 }, { continue: null }, { continue: 'no' }, { reason: 1 }])
    invalid('userPromptSubmit', output, 'user prompt submit');
  invalid('userPromptSubmit', { decision: 'approve' }, 'user prompt submit');
  invalid('sessionStart', { decision: 'block', reason: 'r' }, 'session start');
  invalid('preCompact', { decision: 'block', reason: 'r' }, 'PreCompact hook');
  invalid('preToolUse', specific('PreToolUse', { permissionDecision: 'defer' }), 'pre-tool-use');
  invalid('preToolUse', { hookSpecificOutput: { permissionDecision: 'deny' } }, 'pre-tool-use');
  invalid(
    'permissionRequest',
    specific('PermissionRequest', { decision: { behavior: 'maybe' } }),
    'permission-request',
  );
  const nulls = { decision: null, reason: null, systemMessage: null, stopReason: null, hookSpecificOutput: null };
  t.match(prints('userPromptSubmit', nulls), { status: 'completed', entries: [] });
  t.match(prints('userPromptSubmit', specific('Stop', { additionalContext: ' c\n' })), {
    entries: [{ kind: 'context', text: ' c\n' }],
  });
});

t.test('a hook stops, blocks, adds context, and says something to people', async (t) => {
  t.same(
    prints('userPromptSubmit', {
      continue: false,
      stopReason: 'halt',
      decision: 'block',
      systemMessage: 'sm',
      ...specific('UserPromptSubmit', { additionalContext: 'ctx' }),
    }),
    {
      status: 'stopped',
      entries: [
        { kind: 'warning', text: 'sm' },
        { kind: 'context', text: 'ctx' },
        { kind: 'stop', text: 'halt' },
      ],
      reason: 'halt',
      allows: false,
    },
  );
  t.match(prints('stop', { continue: false }), { status: 'stopped', entries: [], reason: null });
  t.match(prints('stop', { decision: 'block', reason: ' more ' }), { status: 'blocked', reason: ' more ' });
  t.match(
    prints('stop', { decision: 'block', reason: ' ' }),
    error('Stop hook returned decision:block without a non-empty reason'),
  );
  t.match(prints('userPromptSubmit', { decision: 'block', systemMessage: 'sm' }).entries, [
    { kind: 'warning', text: 'sm' },
    { kind: 'error' },
  ]);
});

t.test('of hooks about requests to models only the exit code counts', async (t) => {
  t.match(prints('preModelRequest', { decision: 'block', reason: 'r' }), { status: 'completed', entries: [] });
  t.match(exit('preModelRequest', 2, '', 'no'), error('no'));
  t.match(exit('preModelRequest', 1), { status: 'failed', entries: [] });
});
