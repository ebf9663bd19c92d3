/** An open question of the daemon, with what the page knows about it beside the params. */
import type { NotificationParams, RequestResult } from '../../../../schema/registry.js';

/** `item`: the patch that a question is about; `itemFailure`: why it cannot be read. Neither: not known yet. */
export type Prompt = RequestResult<'operator/prompts/list'>['data'][number] & {
  readonly item?: ThreadItem | null;
  readonly itemFailure?: string;
};
type ThreadItem = NotificationParams<'item/completed'>['item'];
