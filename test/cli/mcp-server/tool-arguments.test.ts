import t from 'tap';
import { readReplyArguments, readStartArguments } from '../../../server/cli/mcp-server/tool-arguments.js';

const problem = (read: object): string => ('problem' in read ? String(read.problem) : 'none');

t.test('members that are absent or null are null; on-failure is on-request', async (t) => {
  t.match(readStartArguments({ prompt: '' }), { value: { prompt: '', cwd: null, config: {}, profile: null } });
  t.match(readStartArguments({ prompt: 'x', cwd: null, 'approval-policy': 'on-failure', unknown: 1 }), {
    value: { cwd: null, approvalPolicy: 'on-request' },
  });
});

t.test('mistakes are in the words of the reference', async (t) => {
  const prefix = 'Failed to parse configuration for Codex tool: ';
  t.equal(
    problem(readStartArguments(undefined)),
    'Missing arguments for codex tool-call; the `prompt` field is required.',
  );
  t.equal(problem(readStartArguments({})), `${prefix}missing field \`prompt\``);
  t.equal(problem(readStartArguments({ prompt: 5 })), `${prefix}invalid type: integer \`5\`, expected a string`);
  t.equal(problem(readStartArguments([])), `${prefix}invalid type: sequence, expected a map`);
  t.equal(
    problem(readStartArguments({ prompt: 'x', config: 5 })),
    `${prefix}invalid type: integer \`5\`, expected a map`,
  );
  t.equal(
    problem(readStartArguments({ prompt: 'x', sandbox: 'bogus' })),
    `${prefix}unknown variant \`bogus\`, expected one of \`read-only\`, \`workspace-write\`, \`danger-full-access\``,
  );
  for (const [value, kind] of [
    [1.5, 'floating point `1.5`'] as const,
    [true, 'boolean `true`'] as const,
    [{}, 'map'] as const,
  ])
    t.equal(problem(readStartArguments({ prompt: value })), `${prefix}invalid type: ${kind}, expected a string`);
});

t.test('a thread is named by either name, in every form of a UUID', async (t) => {
  const id = '67e55044-10b1-426f-9247-bb680e5fe0c8';
  t.same(readReplyArguments({ prompt: 'x', conversationId: id.toUpperCase() }), {
    value: { threadId: id, prompt: 'x' },
  });
  t.equal(
    problem(readReplyArguments({ prompt: 'x' })),
    'Failed to parse thread_id: either threadId or conversationId must be provided',
  );
  t.match(
    problem(readReplyArguments({ prompt: 'x', threadId: 'zz' })),
    /^Failed to parse thread_id: invalid character/,
  );
});
