/**
 * Runs a hook that is a tool of an MCP server. The text of the result is read like the output of a program; a result
 * that is an error, and a call without a result, are failures.
 */
import { messageOf } from '../../errors/message-of.js';
import type { McpToolHook } from '../runnable-hook.js';
import type { HookEnd } from './hook-answer.js';
import { toolArguments } from './tool-arguments.js';
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';

export interface HookToolCall {
  readonly server: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** In milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** `why`: the sentence of the official program. */
export type HookToolEnd =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string; readonly cause: string | null };

/** Rejects with the reason of the signal. */
export type CallHookTool = (call: HookToolCall) => Promise<HookToolEnd>;

export interface HookToolRun {
  /** JSON: the input of the hook. */
  readonly input: string;
  readonly callTool: CallHookTool;
  readonly gone: AbortSignal;
}

/** Never rejects. */
export async function runHookTool(
  { server, tool, input, timeoutSec }: McpToolHook,
  { input: given, callTool, gone }: HookToolRun,
): Promise<HookEnd> {
  const filled = toolArguments(input, JSON.parse(given));
  if (!filled.ok) return { kind: 'notRun', why: `hook input placeholder \`\${${filled.missing}}\` was not found` };
  const timeoutMs = Math.min(timeoutSec * 1000, LONGEST_TIMER_MS);
  try {
    const end = await callTool({ server, tool, arguments: filled.arguments, timeoutMs, signal: gone });
    return end.ok
      ? { kind: 'exit', code: 0, stdout: end.text, stderr: '' }
      : { kind: 'notRun', why: end.why, cause: end.cause };
  } catch (error) {
    return gone.aborted ? { kind: 'cancelled' } : { kind: 'notRun', why: messageOf(error) };
  }
}
