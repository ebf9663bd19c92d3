/** Reads what a hook printed: text, or one JSON object of a fixed shape (docs/protocol/services.md §6 "Output"). */
import { HOOK_EVENTS } from '../../config/shape/hook-shape.js';
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import { isObject } from '../../system/node/objects.js';

/** The members of all events' outputs. A member that an event does not have is refused before this is made. */
export interface JsonOutput {
  readonly continue: boolean;
  readonly stopReason: string | null;
  readonly suppressOutput: boolean;
  readonly systemMessage: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
  readonly specific: SpecificOutput;
}

/** The members of `hookSpecificOutput`; without one, all are null or undefined. */
export interface SpecificOutput {
  readonly additionalContext: string | null;
  readonly permissionDecision: string | null;
  readonly permissionDecisionReason: string | null;
  /** Undefined: it is absent or null. */
  readonly updatedInput: unknown;
  readonly updatedMCPToolOutput: unknown;
  readonly decision: PermissionDecision | null;
}

export interface PermissionDecision {
  readonly behavior: 'allow' | 'deny';
  readonly message: string | null;
  readonly interrupt: boolean;
  readonly updatedInput: unknown;
  readonly updatedPermissions: unknown;
}

/** The members that the output of an event may have besides `continue` and the other three of all events. */
export interface OutputShape {
  /** `systemMessage` is the only member. */
  readonly onlyMessage?: true;
  /** The words of `decision`; absent: the event has neither `decision` nor `reason`. */
  readonly decisions?: readonly string[];
  /** The members of `hookSpecificOutput`; absent: the event has none. */
  readonly specific?: readonly (keyof SpecificOutput)[];
}

/** `invalid`: it begins like JSON and is not one object of the shape. */
export type ReadOutput =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly output: JsonOutput }
  | { readonly kind: 'invalid' };

export function readHookOutput(stdout: string, shape: OutputShape): ReadOutput {
  const text = stdout.trim();
  if (text === '') return { kind: 'nothing' };
  if (!text.startsWith('{') && !text.startsWith('[')) return { kind: 'text', text };
  try {
    return { kind: 'json', output: jsonOutput(JSON.parse(text), shape) };
  } catch (error) {
    if (isCode(error, 'hook.output') || error instanceof SyntaxError) return { kind: 'invalid' };
    throw error;
  }
}

const misfit = (): CodexdError => new CodexdError('hook.output', 'a member is unknown, or has another type');

function jsonOutput(value: unknown, shape: OutputShape): JsonOutput {
  const members = shape.onlyMessage
    ? ['systemMessage']
    : [
        'continue',
        'stopReason',
        'suppressOutput',
        'systemMessage',
        ...(shape.decisions === undefined ? [] : ['decision', 'reason']),
        ...(shape.specific === undefined ? [] : ['hookSpecificOutput']),
      ];
  const given = object(value, members);
  return {
    continue: flag(given.continue, true),
    stopReason: text(given.stopReason),
    suppressOutput: flag(given.suppressOutput, false),
    systemMessage: text(given.systemMessage),
    decision: word(given.decision, shape.decisions ?? []),
    reason: text(given.reason),
    specific: specificOutput(given.hookSpecificOutput, shape.specific ?? []),
  };
}

const NO_SPECIFIC: SpecificOutput = {
  additionalContext: null,
  permissionDecision: null,
  permissionDecisionReason: null,
  updatedInput: undefined,
  updatedMCPToolOutput: undefined,
  decision: null,
};

/** The official program accepts the name of any event that reads an output here. */
const EVENT_NAMES: readonly string[] = HOOK_EVENTS.filter((event) => !event.endsWith('ModelRequest'));

function specificOutput(value: unknown, members: readonly (keyof SpecificOutput)[]): SpecificOutput {
  if (value === undefined || value === null) return NO_SPECIFIC;
  const given = object(value, ['hookEventName', ...members]);
  if (word(given.hookEventName, EVENT_NAMES) === null) throw misfit();
  return {
    additionalContext: text(given.additionalContext),
    permissionDecision: word(given.permissionDecision, ['allow', 'deny', 'ask']),
    permissionDecisionReason: text(given.permissionDecisionReason),
    updatedInput: given.updatedInput ?? undefined,
    updatedMCPToolOutput: given.updatedMCPToolOutput ?? undefined,
    decision: permissionDecision(given.decision),
  };
}

function permissionDecision(value: unknown): PermissionDecision | null {
  if (value === undefined || value === null) return null;
  const given = object(value, ['behavior', 'message', 'interrupt', 'updatedInput', 'updatedPermissions']);
  const { behavior } = given;
  if (behavior !== 'allow' && behavior !== 'deny') throw misfit();
  return {
    behavior,
    message: text(given.message),
    interrupt: flag(given.interrupt, false),
    updatedInput: given.updatedInput ?? undefined,
    updatedPermissions: given.updatedPermissions ?? undefined,
  };
}

function object(value: unknown, members: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isObject(value) || Object.keys(value).some((name) => !members.includes(name))) throw misfit();
  return value;
}

function text(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw misfit();
  return value;
}

/** Null is not the same as absent here, as in the official program. */
function flag(value: unknown, absent: boolean): boolean {
  if (value === undefined) return absent;
  if (typeof value !== 'boolean') throw misfit();
  return value;
}

function word(value: unknown, words: readonly string[]): string | null {
  const given = text(value);
  if (given !== null && !words.includes(given)) throw misfit();
  return given;
}
