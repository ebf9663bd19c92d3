/** Passes the notifications of the shown thread on. */
import type { Client, Dispose } from '../../typescript/index.js';
import type { ChatEvents } from './chat-events.js';
import { withSettings, type ThreadState } from './thread-state.js';

export interface Shown {
  /** Null: no thread is open yet. */
  readonly state: ThreadState | null;
  change(change: Partial<ThreadState>): void;
}

/** Notifications of other threads are left out. Call it before the thread is opened: the first ones come early. */
export function listen(client: Client, shown: Shown, events: ChatEvents): Dispose {
  const ours = ({ threadId }: { readonly threadId?: string | null | undefined }): boolean =>
    typeof threadId !== 'string' || threadId === shown.state?.id;
  /** An error that was shown when it came is not shown again at the end of its turn. */
  let lastError: string | null = null;
  const dispose = [
    client.onNotification('turn/started', (params) => {
      if (!ours(params)) return;
      lastError = null;
      shown.change({ turnId: params.turn.id });
    }),
    client.onNotification('turn/completed', (params) => {
      if (!ours(params)) return;
      const { id, status, error = null } = params.turn;
      if (shown.state?.turnId === id) shown.change({ turnId: null });
      events.turnEnded({ status, error: error?.message === lastError ? null : error });
    }),
    client.onNotification('item/started', (params) => ours(params) && events.itemStarted(params.item)),
    client.onNotification('item/completed', (params) => ours(params) && events.itemCompleted(params.item)),
    client.onNotification('item/agentMessage/delta', (params) => {
      if (ours(params)) events.itemGrew({ kind: 'message', itemId: params.itemId, text: params.delta });
    }),
    client.onNotification('item/plan/delta', (params) => {
      if (ours(params)) events.itemGrew({ kind: 'plan', itemId: params.itemId, text: params.delta });
    }),
    client.onNotification('item/reasoning/summaryTextDelta', (params) => {
      const { itemId, delta, summaryIndex } = params;
      if (ours(params)) events.itemGrew({ kind: 'summary', itemId, text: delta, index: Number(summaryIndex) });
    }),
    client.onNotification('item/commandExecution/outputDelta', (params) => {
      if (ours(params)) events.itemGrew({ kind: 'output', itemId: params.itemId, text: params.delta });
    }),
    client.onNotification('item/fileChange/patchUpdated', (params) => {
      if (ours(params)) events.itemGrew({ kind: 'changes', itemId: params.itemId, changes: params.changes });
    }),
    client.onNotification('item/mcpToolCall/progress', (params) => {
      if (ours(params)) events.itemGrew({ kind: 'progress', itemId: params.itemId, text: params.message });
    }),
    client.onNotification('turn/plan/updated', (params) => {
      if (ours(params)) events.plan(params.plan, params.explanation ?? null);
    }),
    client.onNotification('thread/tokenUsage/updated', (params) => {
      if (ours(params)) shown.change({ usage: params.tokenUsage });
    }),
    client.onNotification('thread/settings/updated', (params) => {
      if (ours(params) && shown.state !== null) shown.change(withSettings(shown.state, params.threadSettings));
    }),
    client.onNotification('thread/name/updated', (params) => {
      if (ours(params)) shown.change({ name: params.threadName ?? null });
    }),
    client.onNotification('error', (params) => {
      if (!ours(params)) return;
      const { error, willRetry } = params;
      lastError = willRetry ? lastError : error.message;
      const details = error.additionalDetails ? ` (${error.additionalDetails})` : '';
      events.note(willRetry ? 'warning' : 'error', `${error.message}${details}`);
    }),
    client.onNotification('warning', (params) => ours(params) && events.note('warning', params.message)),
    client.onNotification('guardianWarning', (params) => ours(params) && events.note('warning', params.message)),
    client.onNotification('configWarning', ({ summary, details }) =>
      events.note('warning', details ? `${summary}\n${details}` : summary),
    ),
    client.onNotification('deprecationNotice', ({ summary }) => events.note('warning', summary)),
    client.onNotification('model/rerouted', (params) => {
      if (ours(params)) events.note('warning', `the model is ${params.toModel} now, not ${params.fromModel}`);
    }),
    client.onNotification('mcpServer/startupStatus/updated', (params) => {
      if (ours(params) && params.status === 'failed')
        events.note('warning', `MCP server ${params.name} did not start: ${params.error ?? 'no reason given'}`);
    }),
    client.onNotification('hook/completed', (params) => {
      const { eventName, status, entries } = params.run;
      if (!ours(params) || (status !== 'failed' && status !== 'blocked' && status !== 'stopped')) return;
      events.note('warning', [`hook ${eventName} ${status}`, ...entries.map(({ text }) => text)].join('\n'));
    }),
    client.onNotification('thread/closed', (params) => {
      if (ours(params)) events.note('warning', 'the server has closed this session; /resume opens it again');
    }),
    client.onNotification(
      'thread/deleted',
      (params) => ours(params) && events.note('warning', 'this session was deleted'),
    ),
  ];
  return () => dispose.forEach((undo) => undo());
}
