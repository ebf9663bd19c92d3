/** What the model receives of a command's output (docs/protocol/turns.md §4). */
import type { ToolContext } from '../../tool-types/tool.js';
import { SHELL_NAMES } from '../../hooks/tool-names.js';
import type { ThreadState } from '../../live/live-thread.js';
import type { ModelInfoOf } from '../../model/model-info.js';
import type { ExecSession } from '../../runtime/exec-sessions.js';
import { DEFAULT_BUDGET, reportText, shorten, type Budget } from '../../shell/model-output.js';

/** The current output of a session for the model; a denial comes after the command's own output. */
export function report(
  session: ExecSession,
  budget: Budget,
  tool: string,
  { responded }: Pick<ToolContext, 'responded'> = {},
): string {
  const { text: output, bytes } = session.take();
  const { end } = session;
  if (end?.denial) {
    const before = output === '' ? '' : `\nOutput before it was ended:\n${shorten(output, bytes, budget)}`;
    return `${tool} failed: ${end.denial.message}${before}`;
  }
  if (end !== null) responded?.({ response: output, about: callOf(session) });
  return reportText(
    {
      wallMs: session.elapsedMs,
      exitCode: end === null ? null : end.exitCode,
      sessionId: end === null ? session.id : null,
      output,
      outputBytes: bytes,
    },
    budget,
  );
}

/**
 * How much output the model receives: `tool_output_token_limit`, else the known value of the model, else the default.
 */
export function outputBudget(state: ThreadState, modelInfo: ModelInfoOf): Budget {
  const limit = state.table.tool_output_token_limit;
  return typeof limit === 'number' || typeof limit === 'bigint'
    ? { unit: 'tokens', amount: Number(limit) }
    : (modelInfo(state).outputBudget ?? DEFAULT_BUDGET);
}

/** The call that started the command, as hooks see it. */
const callOf = ({ itemId, script }: ExecSession) => ({
  callId: itemId,
  names: SHELL_NAMES,
  input: { command: script },
});
