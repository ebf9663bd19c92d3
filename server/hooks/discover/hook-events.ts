/** What each event of a turn allows its hooks (docs/protocol/services.md §6). */
import type { HookEventName } from '../../../schema/protocol/services/hooks.js';
import type { HOOK_EVENTS } from '../../config/shape/hook-shape.js';

/** As it is written in files. */
export type EventWord = (typeof HOOK_EVENTS)[number];

export interface EventFacts {
  /** On the wire. */
  readonly name: HookEventName;
  /** In keys and hashes. */
  readonly snake: string;
  /** Whether a matcher counts; for other events it is ignored. */
  readonly hasMatcher: boolean;
  /** Whether the output of a hook can reach the model. */
  readonly givesContext: boolean;
  /** Seconds: without `timeout`, and at most. */
  readonly timeout: { readonly usual: number; readonly most: number };
  /** Whether a hook may run while the session continues; the last ones of a session are waited for. */
  readonly mayBeAsync: boolean;
  /** Whether a hook may be a tool of an MCP server; at the end of a session the servers are gone. */
  readonly mayBeTool: boolean;
}

const LONG = { usual: 600, most: Number.MAX_SAFE_INTEGER };
/** Clients wait for these. */
const SHORT = { usual: 1, most: 3 };

const WITHOUT_MATCHER: readonly EventWord[] = [
  'PreModelRequest',
  'PostModelRequest',
  'UserPromptSubmit',
  'Stop',
  'Interrupt',
];
const WITH_CONTEXT: readonly EventWord[] = [
  'PreToolUse',
  'PostToolUse',
  'SessionStart',
  'UserPromptSubmit',
  'SubagentStart',
];

export function eventFacts(word: EventWord): EventFacts {
  const atEnd = word === 'SessionEnd';
  return {
    name: uncapitalized(word),
    snake: word.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    hasMatcher: !WITHOUT_MATCHER.includes(word),
    givesContext: WITH_CONTEXT.includes(word),
    timeout: atEnd || word === 'Interrupt' ? SHORT : LONG,
    mayBeAsync: !atEnd,
    mayBeTool: !atEnd,
  };
}

function uncapitalized<T extends string>(word: T): Uncapitalize<T> {
  return (word.charAt(0).toLowerCase() + word.slice(1)) as Uncapitalize<T>;
}
