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

t.test('before a tool: what is denied, changed, and not supported', async (t) => {
  const pre = (members: object) => prints('preToolUse', specific('PreToolUse', members));
  t.match(pre({ permissionDecision: 'deny', permissionDecisionReason: ' why ' }), { status: 'blocked', reason: 'why' });
  t.match(pre({ permissionDecision: 'allow', updatedInput: { command: 'x' }, additionalContext: 'c' }), {
    status: 'completed',
    updatedInput: { command: 'x' },
    entries: [{ kind: 'context', text: 'c' }],
  });
  t.match(prints('preToolUse', { decision: 'block', reason: 'old' }), { status: 'blocked', reason: 'old' });
  const both = {
    decision: 'block',
    reason: 'old',
    ...specific('PreToolUse', { permissionDecision: 'deny', permissionDecisionReason: 'new' }),
  };
  t.equal(prints('preToolUse', both).reason, 'new');
  const refused: readonly (readonly [object, string])[] = [
    [{ continue: false }, 'unsupported continue:false'],
    [{ stopReason: 'x' }, 'unsupported stopReason'],
    [{ suppressOutput: true }, 'unsupported suppressOutput'],
    [{ decision: 'approve' }, 'unsupported decision:approve'],
    [{ decision: 'block' }, 'decision:block without a non-empty reason'],
    [{ reason: 'x' }, 'reason without decision'],
    [specific('PreToolUse', { permissionDecision: 'ask' }), 'unsupported permissionDecision:ask'],
    [specific('PreToolUse', { permissionDecision: 'allow' }), 'unsupported permissionDecision:allow'],
    [
      specific('PreToolUse', { permissionDecision: 'allow', updatedInput: null }),
      'unsupported permissionDecision:allow',
    ],
    [specific('PreToolUse', { updatedInput: {} }), 'updatedInput without permissionDecision:allow'],
    [specific('PreToolUse', { permissionDecisionReason: 'x' }), 'permissionDecisionReason without permissionDecision'],
    [
      specific('PreToolUse', { permissionDecision: 'deny' }),
      'permissionDecision:deny without a non-empty permissionDecisionReason',
    ],
  ];
  for (const [output, text] of refused)
    t.match(prints('preToolUse', output), error(`PreToolUse hook returned ${text}`));
});

t.test('a question of approval: yes, no, and what is reserved', async (t) => {
  const answers = (decision: object) => prints('permissionRequest', specific('PermissionRequest', { decision }));
  t.match(answers({ behavior: 'allow' }), { status: 'completed', allows: true });
  t.match(answers({ behavior: 'deny', message: 'no!' }), { status: 'blocked', reason: 'no!', allows: false });
  t.match(answers({ behavior: 'deny' }), { status: 'blocked', reason: 'PermissionRequest hook denied approval' });
  for (const [member, text] of [
    [{ interrupt: true }, 'interrupt:true'],
    [{ updatedInput: {} }, 'updatedInput'],
    [{ updatedPermissions: [] }, 'updatedPermissions'],
  ] as const)
    t.match(answers({ behavior: 'allow', ...member }), error(`PermissionRequest hook returned unsupported ${text}`));
});

t.test('after a tool: what the model receives in place of the output', async (t) => {
  const post = (output: object) => prints('postToolUse', output);
  t.match(post({ decision: 'block', reason: 'fb' }), { status: 'blocked', reason: 'fb' });
  t.match(post({ continue: false, stopReason: 'halt' }), { status: 'stopped', reason: 'halt' });
  t.match(post({ continue: false, stopReason: 'halt', reason: 'rr' }), {
    reason: 'rr',
    entries: [{ kind: 'stop', text: 'halt' }],
  });
  t.match(post({ continue: false }), { reason: 'PostToolUse hook stopped execution' });
  t.match(post({ stopReason: 'x' }), { status: 'completed', entries: [] });
  t.match(post({ reason: 'x' }), error('PostToolUse hook returned reason without decision'));
  t.match(post({ suppressOutput: true }), error('PostToolUse hook returned unsupported suppressOutput'));
  t.match(
    post(specific('PostToolUse', { updatedMCPToolOutput: {} })),
    error('PostToolUse hook returned unsupported updatedMCPToolOutput'),
  );
});
