/**
 * Hooks before and after a call of a tool (docs/protocol/services.md §6, preToolUse and postToolUse).
 *
 * Threat: a call that a guard would refuse runs in another form, or before the guard has answered. Rule: the toolbox
 * runs no tool before all hooks of the call have ended, and a changed input takes the same way as the model's own. A
 * patch inside of a command line is also told to the hooks about patches. Non-scope: what a command does later with
 * input that it reads.
 */
import type { HookResult } from '../../hooks/run/run-hooks.js';
import type { HookedCall, Tool, ToolCall, ToolContext, ToolOutput, ToolResponse } from '../tool-types/tool.js';
import { contextsOf, forModel, refusalOf } from './hook-context.js';

/** Runs the tool between its hooks. */
export async function runHooked(tool: Tool, call: ToolCall, context: ToolContext): Promise<ToolOutput> {
  const { hooks } = context.thread.runtime;
  if (!hooks.has('preToolUse') && !hooks.has('postToolUse')) return tool.run(call, context);
  const hooked = tool.hooked === undefined ? usualForm(tool, call) : tool.hooked(call, context);
  const before = hooked === null ? call : await beforeCall(hooked, call, context);
  if (typeof before === 'string') return before;
  let response: ToolResponse | null = null;
  const output = await tool.run(before, {
    ...context,
    responded(given) {
      response = given;
      context.responded?.(given);
    },
  });
  return response === null ? output : afterCall(response, hooked, call, before, output, context);
}

/** The call that runs; a text: it does not, and this is its output. */
async function beforeCall(hooked: HookedCall, call: ToolCall, context: ToolContext): Promise<ToolCall | string> {
  const { also } = hooked;
  const first = await preToolUse(hooked, [], call, context);
  const refused = refusalOf(first);
  if (refused !== null) return blockedText(hooked, refused);
  if (also !== undefined) {
    const second = await preToolUse(also, hooked.names, call, context);
    const refusedToo = refusalOf(second);
    if (refusedToo !== null) return blockedText(also, refusedToo);
  }
  const change = lastChange(first);
  return change === undefined ? call : hooked.withInput(change);
}

async function preToolUse(
  { names, input }: HookedCall,
  except: readonly string[],
  { callId }: ToolCall,
  { thread, turn, note }: ToolContext,
): Promise<readonly HookResult[]> {
  const own = { tool_name: names[0], tool_input: input, tool_use_id: callId };
  const results = await thread.runtime.hooks.run('preToolUse', { names, except, input: own, id: callId }, turn);
  for (const text of contextsOf(results)) note(text);
  turn.signal.throwIfAborted();
  return results;
}

/** Of several changed inputs, the one that came last counts. */
function lastChange(results: readonly HookResult[]): unknown {
  const changes = results.filter(({ answer: { updatedInput } }) => updatedInput !== undefined);
  return changes.reduce<HookResult | undefined>(
    (last, one) => (last === undefined || one.ms >= last.ms ? one : last),
    undefined,
  )?.answer.updatedInput;
}

const blockedText = ({ names, commandLine }: HookedCall, reason: string): string =>
  commandLine === undefined
    ? `Tool call blocked by PreToolUse hook: ${reason}. Tool: ${names[0]}`
    : `Command blocked by PreToolUse hook: ${reason}. Command: ${commandLine}`;

async function afterCall(
  { response, about }: ToolResponse,
  hooked: HookedCall | null,
  call: ToolCall,
  ran: ToolCall,
  output: ToolOutput,
  { thread, turn, note }: ToolContext,
): Promise<ToolOutput> {
  const { hooks } = thread.runtime;
  if (!hooks.has('postToolUse')) return output;
  const names = about?.names ?? hooked?.names;
  if (names === undefined) return output;
  const callId = about?.callId ?? call.callId;
  const input = about?.input ?? (ran === call ? hooked?.input : inputOf(ran, hooked));
  const own = { tool_name: names[0], tool_input: input, tool_response: response, tool_use_id: callId };
  const results = await hooks.run('postToolUse', { names, input: own, id: callId }, turn);
  for (const text of contextsOf(results)) note(text);
  const said = results.flatMap(({ answer: { status, reason }, hook }) =>
    status === 'blocked' || status === 'stopped' ? [forModel(reason ?? '', hook.additionalContextLimit)] : [],
  );
  return said.length === 0 ? output : said.join('\n\n');
}

/** The input of a call that a hook has changed, as hooks see inputs. */
function inputOf(ran: ToolCall, hooked: HookedCall | null): unknown {
  return hooked?.again?.(ran)?.input ?? usualInput(ran);
}

/** A function with JSON arguments. Null: they are not JSON, so the tool refuses the call. */
function usualForm({ name }: Tool, call: ToolCall): HookedCall | null {
  const input = usualInput(call);
  if (input === undefined) return null;
  return {
    names: [name],
    input,
    withInput: (changed) => ({ ...call, input: JSON.stringify(changed) }),
  };
}

function usualInput({ input }: ToolCall): unknown {
  try {
    return JSON.parse(input === '' ? '{}' : input);
  } catch {
    return undefined;
  }
}
