/** The hooks of one declaration, and what is wrong with the others (docs/protocol/services.md §6). */
import { forThisSystem } from '../../system/programs/user-shell.js';
import { HOOK_EVENTS } from '../../config/shape/hook-shape.js';
import { isList, isTable, newTable, tableAt, type TomlTable, type TomlValue } from '../../config/toml/value.js';
import { eventFacts, type EventFacts, type EventWord } from './hook-events.js';
import { hashedInput, hookHash } from './hook-hash.js';
import { sendable } from './json-tree.js';
import { readMatcher } from './matcher.js';
import type { Declaration } from './hook-sources.js';

interface Common {
  readonly key: string;
  readonly eventName: EventFacts['name'];
  readonly matcher: string | null;
  readonly timeoutSec: number;
  readonly statusMessage: string | null;
  readonly additionalContextLimit: number | null;
  readonly currentHash: string;
}

export type FoundHook = Common &
  (
    | { readonly handlerType: 'command'; readonly command: string; readonly async: boolean }
    | {
        readonly handlerType: 'mcpTool';
        readonly server: string;
        readonly tool: string;
        readonly input: Readonly<Record<string, unknown>>;
      }
  );

export interface Found {
  readonly hooks: readonly FoundHook[];
  /** One sentence each. */
  readonly warnings: readonly string[];
  /** Those of `warnings` that say why a hook does not run. */
  readonly skipped: readonly string[];
}

export function hooksOf({ events, sourcePath, plugin }: Declaration): Found {
  const hooks: FoundHook[] = [];
  const warnings: string[] = [];
  const skipped: string[] = [];
  const skip = (text: string): void => {
    warnings.push(text);
    skipped.push(text);
  };
  for (const word of HOOK_EVENTS) {
    tables(events[word]).forEach((group, groupIndex) => {
      const facts = eventFacts(word);
      const matcher = facts.hasMatcher && typeof group.matcher === 'string' ? group.matcher : null;
      const read = matcher === null ? null : readMatcher(matcher);
      if (read !== null && 'why' in read) {
        skip(`invalid matcher ${JSON.stringify(matcher)} in ${sourcePath}: ${read.why}`);
        return;
      }
      tables(group.hooks).forEach((handler, index) => {
        const key = `${plugin?.keyPath ?? sourcePath}:${facts.snake}:${groupIndex}:${index}`;
        const fault = whySkipped(handler, word, sourcePath);
        if (fault === null) hooks.push(foundHook({ key, word, facts, matcher, handler, sourcePath, warnings }));
        else skip(fault);
      });
    });
  }
  return { hooks, warnings, skipped };
}

/** Why the official program, and codexd, do not run a handler; null: it may run. */
function whySkipped(handler: TomlTable, word: EventWord, sourcePath: string): string | null {
  const { type, server, tool } = handler;
  switch (type) {
    case 'command':
      return blank(commandOf(handler)) ? `skipping empty hook command in ${sourcePath}` : null;
    case 'mcp_tool':
      if (!eventFacts(word).mayBeTool)
        return `skipping MCP tool hook in ${sourcePath}: ${word} MCP hooks are not supported`;
      return blank(server) || blank(tool)
        ? `skipping MCP tool hook in ${sourcePath}: server and tool must not be empty`
        : null;
    default:
      return `skipping ${type as string} hook in ${sourcePath}: ${type as string} hooks are not supported yet`;
  }
}

interface Place {
  readonly key: string;
  readonly word: EventWord;
  readonly facts: EventFacts;
  readonly matcher: string | null;
  readonly handler: TomlTable;
  readonly sourcePath: string;
  readonly warnings: string[];
}

function foundHook({ key, word, facts, matcher, handler, sourcePath, warnings }: Place): FoundHook {
  const { usual, most } = facts.timeout;
  const asked = numberOf(handler.timeout);
  const timeoutSec = Math.min(Math.max(asked ?? usual, 1), most);
  if (asked !== null && asked > most) warnings.push(`clamping ${word} hook timeout to ${most}s in ${sourcePath}`);
  const async = handler.async === true;
  const isTool = handler.type === 'mcp_tool';
  if (async && !isTool && !facts.mayBeAsync) warnings.push(`running async ${word} hook synchronously in ${sourcePath}`);
  const limit = numberOf(handler.additionalContextLimit);
  if (limit !== null && !isTool && !facts.givesContext)
    warnings.push(
      `ignoring additionalContextLimit for ${word} hook in ${sourcePath}: this event cannot emit additionalContext`,
    );
  const additionalContextLimit = facts.givesContext && !isTool ? limit : null;
  const statusMessage = typeof handler.statusMessage === 'string' ? handler.statusMessage : null;
  const written = Object.assign(newTable(), { timeout: timeoutSec }, statusMessage === null ? {} : { statusMessage });
  const common = { key, eventName: facts.name, matcher, timeoutSec, statusMessage, additionalContextLimit };
  const hash = (own: TomlTable): string =>
    hookHash({ snake: facts.snake, matcher, handler: Object.assign(newTable(), written, own) });
  if (isTool) {
    const [server, tool] = [textOf(handler.server), textOf(handler.tool)];
    const input = tableAt(handler, 'input');
    const currentHash = hash({ type: 'mcp_tool', server, tool, input: hashedInput(input) });
    return { ...common, handlerType: 'mcpTool', server, tool, input: sendable(input), currentHash };
  }
  const command = textOf(commandOf(handler));
  const own = { type: 'command', command, async };
  const currentHash = hash(additionalContextLimit === null ? own : { ...own, additionalContextLimit });
  return { ...common, handlerType: 'command', command, async: async && facts.mayBeAsync, currentHash };
}

const tables = (value: TomlValue | undefined): readonly TomlTable[] =>
  value !== undefined && isList(value) ? value.filter(isTable) : [];

/** Windows has a shell of its own, and may have a line of its own. */
function commandOf({ command, commandWindows, command_windows: older }: TomlTable): TomlValue | undefined {
  return forThisSystem(command, commandWindows ?? older);
}

const textOf = (value: TomlValue | undefined): string => (typeof value === 'string' ? value : '');

const blank = (value: TomlValue | undefined): boolean => textOf(value).trim() === '';

/** Also large ones, which no clock reaches. */
const numberOf = (value: TomlValue | undefined): number | null =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
