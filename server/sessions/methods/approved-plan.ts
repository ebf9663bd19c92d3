/** thread/prepareApprovedPlan (docs/protocol/threads.md §15): a plan in the history, before the turn that does it. */
import path from 'node:path';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { liveThreadOf } from '../live/live-thread-of.js';
import type { LoadedDeps } from './loaded.js';
import { newId } from '../store/records/thread-id.js';
import { assertInputSize } from '../turn/user-input.js';

export const approvedPlanMethods = defineMethods(({ threads, firstContext }: Omit<LoadedDeps, 'source'>) => ({
  /** The plan is in the thread's history before the answer, so the attachment, a copy of it, is not needed. */
  'thread/prepareApprovedPlan': ({ threadId, markdown, attachmentPath }) => {
    const thread = liveThreadOf(threads, threadId);
    if (markdown.trim() === '') throw invalidRequest('The approved plan is empty.');
    assertInputSize([{ type: 'text', text: markdown, text_elements: [] }]);
    if (attachmentPath !== null && !path.isAbsolute(attachmentPath)) {
      throw invalidParams('`attachmentPath` must be absolute on the app server');
    }
    const plan = { type: 'function_call_output', name: 'proposed_plan', namespace: 'agent', output: markdown };
    return threads.exclusively(thread.id, async () => {
      const record = { type: 'response_item' as const, payload: { ...plan, id: `fco_${newId()}` } };
      thread.record([...(await firstContext(thread)), record]);
      return { prompt: 'Implement the plan.' };
    });
  },
}));
