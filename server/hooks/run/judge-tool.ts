/** The rules of outputs about a call of a tool (docs/protocol/services.md §6, the table of events). */
import type { HookOutputEntry } from '../../../schema/protocol/services/hooks.js';
import { answerOf, failedAnswer, nonEmpty, type HookAnswer, type Judge } from './hook-answer.js';
import type { JsonOutput } from './read-output.js';

/** A hook may print members that its event does not support. Then nothing of its output counts but the message. */
function failedWith(problem: string, entries: readonly HookOutputEntry[]): HookAnswer {
  return failedAnswer(
    problem,
    entries.filter(({ kind }) => kind === 'warning'),
  );
}

/** The first member that the event does not support; null: there is none. */
function unsupported(
  name: string,
  output: JsonOutput,
  members: readonly ('continue' | 'stopReason' | 'suppressOutput')[],
): string | null {
  for (const member of members) {
    if (member === 'continue' && !output.continue) return `${name} hook returned unsupported continue:false`;
    if (member === 'stopReason' && output.stopReason !== null) return `${name} hook returned unsupported stopReason`;
    if (member === 'suppressOutput' && output.suppressOutput) return `${name} hook returned unsupported suppressOutput`;
  }
  return null;
}

const blockedBy = (reason: string, entries: readonly HookOutputEntry[]): HookAnswer =>
  answerOf('blocked', [...entries, { kind: 'feedback', text: reason }], { reason });

export const judgePreTool: Judge = (output, entries) => {
  const problem = unsupported('PreToolUse', output, ['continue', 'stopReason', 'suppressOutput']) ?? preProblem(output);
  if (problem !== null) return failedWith(problem, entries);
  const { permissionDecision, permissionDecisionReason, updatedInput } = output.specific;
  if (permissionDecision === 'deny') return blockedBy((permissionDecisionReason ?? '').trim(), entries);
  if (permissionDecision === null && output.decision === 'block') return blockedBy(output.reason ?? '', entries);
  return answerOf('completed', entries, updatedInput === undefined ? {} : { updatedInput });
};

function preProblem({ decision, reason, specific }: JsonOutput): string | null {
  const { permissionDecision, permissionDecisionReason, updatedInput } = specific;
  if (updatedInput !== undefined && permissionDecision !== 'allow')
    return 'PreToolUse hook returned updatedInput without permissionDecision:allow';
  switch (permissionDecision) {
    case 'ask':
      return 'PreToolUse hook returned unsupported permissionDecision:ask';
    case 'allow':
      return updatedInput === undefined ? 'PreToolUse hook returned unsupported permissionDecision:allow' : null;
    case 'deny':
      return nonEmpty(permissionDecisionReason)
        ? null
        : 'PreToolUse hook returned permissionDecision:deny without a non-empty permissionDecisionReason';
    default:
  }
  if (permissionDecisionReason !== null)
    return 'PreToolUse hook returned permissionDecisionReason without permissionDecision';
  if (decision === 'approve') return 'PreToolUse hook returned unsupported decision:approve';
  if (decision === 'block')
    return nonEmpty(reason) ? null : 'PreToolUse hook returned decision:block without a non-empty reason';
  return reason === null ? null : 'PreToolUse hook returned reason without decision';
}

export const judgePermission: Judge = (output, entries) => {
  const { decision } = output.specific;
  const problem =
    unsupported('PermissionRequest', output, ['continue', 'stopReason', 'suppressOutput']) ??
    (decision?.interrupt === true
      ? 'PermissionRequest hook returned unsupported interrupt:true'
      : decision?.updatedInput !== undefined
        ? 'PermissionRequest hook returned unsupported updatedInput'
        : decision?.updatedPermissions !== undefined
          ? 'PermissionRequest hook returned unsupported updatedPermissions'
          : null);
  if (problem !== null) return failedWith(problem, entries);
  if (decision === null) return answerOf('completed', entries);
  if (decision.behavior === 'allow') return answerOf('completed', entries, { allows: true });
  return blockedBy(
    nonEmpty(decision.message) ? decision.message.trim() : 'PermissionRequest hook denied approval',
    entries,
  );
};

/** The output of the tool when a hook stops the work without a reason. */
const STOPPED = 'PostToolUse hook stopped execution';

export const judgePostTool: Judge = (output, entries) => {
  const problem =
    unsupported('PostToolUse', output, ['suppressOutput']) ??
    (output.specific.updatedMCPToolOutput === undefined
      ? null
      : 'PostToolUse hook returned unsupported updatedMCPToolOutput');
  if (problem !== null) return failedWith(problem, entries);
  const { decision, reason, stopReason } = output;
  if (!output.continue) {
    const text = stopReason ?? STOPPED;
    return answerOf('stopped', [...entries, { kind: 'stop', text }], { reason: reason ?? text });
  }
  if (decision === null)
    return reason === null
      ? answerOf('completed', entries)
      : failedWith('PostToolUse hook returned reason without decision', entries);
  return nonEmpty(reason)
    ? blockedBy(reason, entries)
    : failedWith('PostToolUse hook returned decision:block without a non-empty reason', entries);
};
