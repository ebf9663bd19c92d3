/**
 * Judges the end of a hook's program by the rules of its event (docs/protocol/services.md §6, the table of events). The
 * texts of errors are facts of the protocol: clients show them, and people search for them.
 */
import type { HookEventName, HookOutputEntry } from '../../../schema/protocol/services/hooks.js';
import { answerOf, failedAnswer, nonEmpty, stopped, type HookAnswer, type HookEnd, type Judge } from './hook-answer.js';
import { readHookOutput, type JsonOutput, type OutputShape } from './read-output.js';
import { judgePermission, judgePostTool, judgePreTool } from './judge-tool.js';

interface Rules {
  readonly shape: OutputShape;
  /** The words between "hook returned invalid" and "JSON output". */
  readonly called: string;
  /** What text that is not JSON is: context for the model, nothing, or a mistake. */
  readonly text: 'context' | 'ignored' | { readonly mistake: string };
  /** What exit code 2 does with stderr; `missing` is the error without any. Absent: 2 is a failure as every other. */
  readonly exit2?: { readonly as: 'blocked' | 'failed'; readonly missing: string | null };
  readonly judge: Judge;
}

/** Null: the output of the event's hooks is not read, and failures of any code say what stderr says. */
const RULES: Readonly<Record<HookEventName, Rules | null>> = {
  sessionStart: {
    shape: { specific: ['additionalContext'] },
    called: 'session start',
    text: 'context',
    judge: (output, entries) => stopped(output, entries) ?? answerOf('completed', entries),
  },
  subagentStart: {
    shape: { specific: ['additionalContext'] },
    called: 'subagent start',
    text: 'context',
    judge: (output, entries) => stopped(output, entries) ?? answerOf('completed', entries),
  },
  userPromptSubmit: {
    shape: { decisions: ['block'], specific: ['additionalContext'] },
    called: 'user prompt submit',
    text: 'context',
    exit2: {
      as: 'blocked',
      missing: 'UserPromptSubmit hook exited with code 2 but did not write a blocking reason to stderr',
    },
    judge: (output, entries) => stopped(output, entries) ?? blocked('UserPromptSubmit', output, entries),
  },
  preToolUse: {
    shape: {
      decisions: ['approve', 'block'],
      specific: ['additionalContext', 'permissionDecision', 'permissionDecisionReason', 'updatedInput'],
    },
    called: 'pre-tool-use',
    text: 'ignored',
    exit2: {
      as: 'blocked',
      missing: 'PreToolUse hook exited with code 2 but did not write a blocking reason to stderr',
    },
    judge: judgePreTool,
  },
  permissionRequest: {
    shape: { specific: ['decision'] },
    called: 'permission-request',
    text: 'ignored',
    exit2: {
      as: 'blocked',
      missing: 'PermissionRequest hook exited with code 2 but did not write a denial reason to stderr',
    },
    judge: judgePermission,
  },
  postToolUse: {
    shape: { decisions: ['block'], specific: ['additionalContext', 'updatedMCPToolOutput'] },
    called: 'post-tool-use',
    text: 'ignored',
    exit2: { as: 'blocked', missing: 'PostToolUse hook exited with code 2 but did not write feedback to stderr' },
    judge: judgePostTool,
  },
  preCompact: compaction('PreCompact'),
  postCompact: compaction('PostCompact'),
  stop: stopping('Stop', 'stop hook'),
  subagentStop: stopping('SubagentStop', 'subagent stop hook'),
  interrupt: {
    shape: { onlyMessage: true },
    called: 'interrupt hook',
    text: { mistake: 'Interrupt hook returned non-JSON stdout' },
    judge: (_output, entries) => answerOf('completed', entries),
  },
  sessionEnd: null,
  preModelRequest: null,
  postModelRequest: null,
};

function compaction(name: string): Rules {
  return {
    shape: {},
    called: `${name} hook`,
    text: 'ignored',
    exit2: { as: 'failed', missing: null },
    judge: (output, entries) => stopped(output, entries) ?? answerOf('completed', entries),
  };
}

function stopping(name: string, called: string): Rules {
  return {
    shape: { decisions: ['block'] },
    called,
    text: { mistake: `hook returned invalid ${called} JSON output` },
    exit2: {
      as: 'blocked',
      missing: `${name} hook exited with code 2 but did not write a continuation prompt to stderr`,
    },
    judge: (output, entries) => stopped(output, entries) ?? blocked(name, output, entries),
  };
}

/** `timeoutSec`: of the hook, for the text. */
export function judge(event: HookEventName, end: HookEnd, timeoutSec: number): HookAnswer {
  switch (end.kind) {
    case 'timeout':
      return failedAnswer(`hook timed out after ${timeoutSec}s`);
    case 'notRun':
      return failedAnswer(end.why);
    case 'cancelled':
      return failedAnswer('Hook cancelled because the turn was interrupted');
    case 'exit':
      return judgeExit(RULES[event], end);
  }
}

function judgeExit(rules: Rules | null, { code, stdout, stderr }: HookEnd & { readonly kind: 'exit' }): HookAnswer {
  const said = stderr.trim();
  if (rules === null) {
    if (code === 0) return answerOf('completed');
    return said === '' ? answerOf('failed') : failedAnswer(said);
  }
  if (code === 2 && rules.exit2 !== undefined) {
    const { as, missing } = rules.exit2;
    if (said === '') return failedAnswer(missing ?? 'hook exited with code 2');
    return as === 'failed'
      ? failedAnswer(said)
      : answerOf('blocked', [{ kind: 'feedback', text: said }], { reason: said });
  }
  if (code !== 0) return failedAnswer(`hook exited with code ${code}`);
  const read = readHookOutput(stdout, rules.shape);
  switch (read.kind) {
    case 'nothing':
      return answerOf('completed');
    case 'invalid':
      return failedAnswer(`hook returned invalid ${rules.called} JSON output`);
    case 'text':
      if (rules.text === 'context') return answerOf('completed', [{ kind: 'context', text: read.text }]);
      return rules.text === 'ignored' ? answerOf('completed') : failedAnswer(rules.text.mistake);
    case 'json':
      return rules.judge(read.output, entriesOf(read.output));
  }
}

/** The message for people first, then the context for the model. */
function entriesOf({ systemMessage, specific: { additionalContext } }: JsonOutput): HookOutputEntry[] {
  return [
    ...(systemMessage === null ? [] : [{ kind: 'warning' as const, text: systemMessage }]),
    ...(additionalContext === null ? [] : [{ kind: 'context' as const, text: additionalContext }]),
  ];
}

function blocked(name: string, output: JsonOutput, entries: readonly HookOutputEntry[]): HookAnswer {
  if (output.decision === null) return answerOf('completed', entries);
  if (!nonEmpty(output.reason)) {
    const warnings = entries.filter(({ kind }) => kind === 'warning');
    return failedAnswer(`${name} hook returned decision:block without a non-empty reason`, warnings);
  }
  return answerOf('blocked', [...entries, { kind: 'feedback', text: output.reason }], { reason: output.reason });
}
