/** The turns of the session: every kind that a client can meet with a scripted model. */
import type { CheckedClient, Loose } from './checked-client.js';
import { PIXEL } from './model-script.js';
import type { Places } from './session.js';

const text = (said: string): object => ({ type: 'text', text: `do: ${said}`, text_elements: [] });

/** Answers a person gives; what is declined depends on what is asked. */
export function answerEverything({ answers }: CheckedClient): void {
  answers['item/commandExecution/requestApproval'] = ({ itemId, command }) => {
    void itemId;
    return { decision: String(command).includes('never') ? 'decline' : 'accept' };
  };
  answers['item/fileChange/requestApproval'] = () => ({ decision: 'accept' });
  answers['item/permissions/requestApproval'] = ({ permissions }) => ({ permissions, scope: 'turn' });
  answers['item/tool/requestUserInput'] = ({ questions }) => ({
    answers: Object.fromEntries(questions.map(({ id }: Loose) => [id, { answers: ['One'] }])),
  });
  answers['item/tool/call'] = () => ({ contentItems: [{ type: 'inputText', text: 'found' }], success: true });
  answers['mcpServer/elicitation/request'] = ({ mode }) =>
    mode === 'form'
      ? { action: 'accept', content: { name: 'Ada' }, _meta: null }
      : { action: 'decline', content: null, _meta: null };
}

/** Resolves with the turn when it has ended. */
export async function turn(client: CheckedClient, threadId: string, word: string, more: object = {}): Promise<Loose> {
  const started = await client.ask('turn/start', { threadId, input: [text(word)], ...more }, `turn ${word}`);
  if (started === null) return null;
  const ended = await client.told('turn/completed', ({ turn }) => turn.id === started.turn.id);
  client.record(`turn ${word} ends`, ended?.turn.status ?? 'never');
  return ended?.turn ?? null;
}

/** Kinds that need nothing but their word. */
const PLAIN = [
  'message',
  'reasoning',
  'commentary',
  'command',
  'many-commands',
  'command-accepted',
  'command-declined',
  'terminal',
  'patch',
  'patch-again',
  'patch-moved',
  'patch-broken',
  'patch-accepted',
  'mcp-call',
  'mcp-approval',
  'mcp-error',
  'mcp-progress',
  'mcp-form',
  'mcp-url',
  'web-search',
  'image-seen',
  'image-made',
  'plan',
  'unknown-tool',
  'permissions',
  'dynamic-tool',
  'http-error',
  'rate-limit',
  'stream-failed',
  'stream-filtered',
  'stream-cut',
  'stream-incomplete',
  'left-running',
];

export async function turnsOf(client: CheckedClient, threadId: string, places: Places): Promise<void> {
  const { answers, ask, told } = client;
  for (const word of PLAIN) await turn(client, threadId, word);
  answers['item/fileChange/requestApproval'] = () => ({ decision: 'decline' });
  await turn(client, threadId, 'patch-declined');
  answers['item/commandExecution/requestApproval'] = () => ({ decision: 'cancel' });
  await turn(client, threadId, 'command-canceled');
  await turn(client, threadId, 'image-input', {
    input: [
      { type: 'image', url: `data:image/png;base64,${PIXEL}` },
      { type: 'localImage', path: `${places.work}/pixel.png` },
      { type: 'skill', name: 'demo', path: `${places.home}/skills/demo/SKILL.md` },
      text('image-input'),
    ],
  });
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };
  await turn(client, threadId, 'schema', { outputSchema: schema });
  await turn(client, threadId, 'auto-reviewed', { approvalsReviewer: 'auto_review' });
  await turn(client, threadId, 'reviewed-by-the-person', { approvalsReviewer: 'user' });
  const mode = (name: string): object => ({
    collaborationMode: {
      mode: name,
      settings: { model: 'mock-model', reasoning_effort: 'high', developer_instructions: null },
    },
  });
  await turn(client, threadId, 'plan-mode', mode('plan'));
  await turn(client, threadId, 'question', mode('plan'));
  await turn(client, threadId, 'settings', {
    ...mode('default'),
    cwd: places.work,
    approvalPolicy: 'on-request',
    sandboxPolicy: { type: 'workspaceWrite' },
    effort: 'low',
    summary: 'concise',
  });

  for (const word of ['to-interrupt', 'interrupt-command']) {
    const waits = await ask('turn/start', { threadId, input: [text(word)] }, `turn ${word}`);
    const ofIt = ({ turnId, item }: Loose): boolean =>
      turnId === waits?.turn.id &&
      (word === 'to-interrupt' ? item.type === 'userMessage' : item.type === 'commandExecution');
    await told('item/started', ofIt);
    await ask('turn/interrupt', { threadId, turnId: waits?.turn.id ?? '' }, `turn/interrupt ${word}`);
    await told('turn/completed', ({ turn }) => turn.id === waits?.turn.id);
  }
  const steered = await ask('turn/start', { threadId, input: [text('steered')] }, 'turn steered');
  await told('item/started', ({ turnId, item }) => turnId === steered?.turn.id && item.type === 'commandExecution');
  await ask('turn/settings/update', { threadId, turnId: steered?.turn.id ?? '', effort: 'low' });
  await ask('turn/steer', { threadId, input: [text('steered')], expectedTurnId: steered?.turn.id ?? '' });
  await ask('thread/queue/add', { threadId, input: [text('queued')], clientUserMessageId: 'q-1' });
  const queue = await ask('thread/queue/list', { threadId });
  const queuedSubmissionId = queue?.data[0]?.id ?? '';
  await ask('thread/queue/update', { threadId, queuedSubmissionId, input: [text('queued-otherwise')] });
  await ask('thread/queue/reorder', { threadId, queuedSubmissionIds: [queuedSubmissionId] });
  await ask('thread/queue/start', { threadId, queuedSubmissionId });
  await ask('thread/queue/delete', { threadId, queuedSubmissionId });
  await told('turn/completed', ({ turn }) => turn.id === steered?.turn.id);
  await quiet(client, threadId);

  await ask('thread/shellCommand', { threadId, command: 'echo user' });
  await told('item/completed', ({ item }) => item.source === 'userShell');
  await quiet(client, threadId);
  await ask('review/start', { threadId, target: { type: 'uncommittedChanges' }, delivery: 'inline' });
  await told('item/completed', ({ item }) => item.type === 'exitedReviewMode');
  await quiet(client, threadId);
  await ask('thread/compact/start', { threadId });
  await told('item/completed', ({ item }) => item.type === 'contextCompaction');
  await quiet(client, threadId);
  await turn(client, threadId, 'after-compaction');
}

/** The thread has no turn any more. */
export async function quiet(client: CheckedClient, threadId: string): Promise<void> {
  await client.until(() => {
    const of = (method: string): number =>
      client.notifications(method).filter((one) => one.threadId === threadId).length;
    return of('turn/started') === of('turn/completed');
  });
}
