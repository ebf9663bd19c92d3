/** The methods on threads, sections and projects. */
import type { CheckedClient } from './checked-client.js';
import { quiet, turn } from './session-turns.js';
import type { Places } from './session.js';

export async function threadMethods(
  { ask, ...client }: CheckedClient,
  threadId: string,
  places: Places,
): Promise<void> {
  const whole = { ask, ...client };
  await ask('thread/name/set', { threadId, name: 'a name' });
  await ask('thread/read', { threadId, includeTurns: true });
  const turns = await ask('thread/turns/list', { threadId, itemsView: 'full' });
  const turnId = turns?.data[0]?.id ?? '';
  const items = await ask('thread/items/list', { threadId });
  const [first] = items?.data ?? [];
  await ask('thread/items/read', {
    threadId,
    turnId: first?.turnId ?? turnId,
    itemIds: [first?.item?.id ?? first?.id ?? ''],
  });
  await ask('thread/timeline/list', { threadId });
  await ask('thread/list', { limit: 10, sourceKinds: ['vscode', 'cli', 'exec', 'appServer'] });
  await ask('thread/list', { archived: true }, 'thread/list archived');
  await ask('thread/loaded/list', {});
  await ask('thread/search', { searchTerm: 'hello' });
  await ask('thread/search/stream', { searchTerm: 'hello' });
  await ask('thread/search/cancel', { requestId: 'nothing' });
  await ask('thread/search/stream/cancel', { requestId: 'nothing' });
  await ask('thread/searchOccurrences', { threadId, searchTerm: 'hello' });
  await ask('thread/settings/update', { threadId, effort: 'medium', approvalPolicy: 'on-request' });
  await ask('thread/metadata/update', { threadId, gitInfo: { branch: 'main' } });
  await ask('thread/memoryMode/set', { threadId, mode: 'disabled' });
  await ask('thread/memory/read', { threadId });
  await ask('thread/readState/update', { threadId, operation: { type: 'unread' }, expectedRevision: '0' });
  await ask('thread/inject_items', {
    threadId,
    items: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'put in' }] }],
  });
  await ask('thread/attachment/add', { threadId, attachmentType: 'pr', identityKey: 'k', payload: { a: 1 } });
  await ask('thread/attachment/list', { threadId });
  await ask('thread/attachmentOwner/list', { attachmentType: 'pr', identityKey: 'k' });
  await ask('thread/attachment/remove', { threadId, attachmentType: 'pr', identityKey: 'k' });
  await ask('thread/backgroundTerminals/list', { threadId });
  await ask('thread/backgroundTerminals/terminate', { threadId, processId: '1' });
  await ask('thread/backgroundTerminals/clean', { threadId });
  await ask('thread/increment_elicitation', { threadId });
  await ask('thread/decrement_elicitation', { threadId });
  await ask('thread/realtime/list', { threadId });
  await ask('thread/realtime/listVoices', {});
  await ask('thread/realtime/stop', { threadId });
  await ask('thread/prediction/request', { threadId, sourceTurnId: turnId });
  await ask('thread/guardianReview', { threadId });
  await ask('thread/approveGuardianDeniedAction', { threadId, event: {} });
  await ask('thread/prepareApprovedPlan', { threadId, markdown: '# Plan' });
  await ask('thread/sample', { threadId, expectedTurnId: turnId, prompt: 'do: sample' });
  await ask('thread/sample/cancel', { requestId: 'nothing' });
  await ask('getConversationSummary', { conversationId: threadId });

  const section = await ask('threadSection/create', { name: 'a section' });
  const sectionId = section?.section?.id ?? section?.id ?? '';
  await ask('threadSection/list', {});
  await ask('threadSection/update', { sectionId, name: 'another' });
  await ask('thread/section/move', { threadId, sectionId });
  await ask('threadSection/delete', { sectionId });
  const roots = [{ path: places.work }];
  const project = await ask('project/create', { name: 'a project', roots, idempotencyKey: 'one' });
  const projectId = project?.project?.id ?? '';
  await ask('project/import', { name: 'imported', roots, threads: [threadId], idempotencyKey: 'two' });
  await ask('project/list', {});
  await ask('project/read', { projectId });
  await ask('project/update', { projectId, name: 'renamed' });
  await ask('project/move', { projectId });
  await ask('project/delete', { projectId });

  await ask('thread/goal/set', { threadId, objective: 'an aim', status: 'paused', tokenBudget: 1000 });
  await ask('thread/goal/get', { threadId });
  await ask('thread/goal/set', { threadId, status: 'active', tokenBudget: 1 }, 'thread/goal/set active');
  await client.until(() => client.notifications('thread/goal/updated').some(({ turnId }) => turnId !== null));
  await quiet(whole, threadId);
  await ask('thread/goal/clear', { threadId });
  const fork = await ask('thread/fork', { threadId });
  const forkId = fork?.thread.id ?? '';
  await turn(whole, forkId, 'in-the-fork');
  const last = await ask('thread/turns/list', { threadId: forkId, limit: 1 }, 'thread/turns/list of the fork');
  await ask('thread/revert', { threadId: forkId, beforeTurnId: last?.data[0]?.id ?? '' });
  await quiet(whole, forkId);
  await ask('thread/unsubscribe', { threadId: forkId });
  await ask('thread/resume', { threadId: forkId });
  await ask('thread/archive', { threadId: forkId });
  await ask('thread/queue/add', archivedQueue(forkId), 'thread/queue/add archived');
  await ask('thread/unarchive', { threadId: forkId });
  await ask('thread/queue/add', archivedQueue(forkId), 'thread/queue/add not loaded');
  await quiet(whole, forkId);
  await ask('thread/delete', { threadId: forkId });
  const other = await ask('thread/start', { cwd: places.work, ephemeral: true }, 'thread/start ephemeral');
  await turn(whole, other?.thread.id ?? '', 'ephemeral');
}

const archivedQueue = (threadId: string): object => ({
  threadId,
  input: [{ type: 'text', text: 'do: queued', text_elements: [] }],
  clientUserMessageId: 'q-2',
});
