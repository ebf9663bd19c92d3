/** Tells the model how it works together with the person (docs/protocol/turns.md §3, §2). */
import type { CollaborationMode } from '../../../schema/protocol/common/model-settings.js';

/** The part of the developer message: the client's text, or the text of the mode. */
export function collaborationModeText({ mode, settings }: CollaborationMode): string {
  return `<collaboration_mode>\n${settings.developer_instructions ?? (mode === 'plan' ? PLAN : DEFAULT)}\n</collaboration_mode>`;
}

const DEFAULT = 'The mode is Default: work on the request until it is done. Plan mode, if it was on before, is over.';

const PLAN = `The mode is Plan: find out what is wanted and how it can be done, and change nothing yet.
- Read files and run commands that only look. Do not edit, and run nothing that leaves traces.
- Ask with \`request_user_input\` where a decision is the person's: few questions, each with options that differ in what happens.
- When the plan is ready, write it once between the lines <proposed_plan> and </proposed_plan>, each on a line of its own: what will be done, in which order, and how it will be checked. Put nothing in it that is still open.`;
