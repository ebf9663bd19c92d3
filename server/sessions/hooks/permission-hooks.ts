/**
 * Hooks that answer a question of approval in place of a person (docs/protocol/services.md §6, permissionRequest).
 *
 * Threat: a hook allows what the policy forbids. Rule: they are asked where a person would be asked, and nowhere else.
 * One hook that denies outweighs all that allow. Non-scope: what a person would have said.
 */
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import { refusalOf } from './hook-context.js';

export interface AskedPermission {
  /** The tool for matchers: its name first. */
  readonly names: readonly string[];
  readonly input: Readonly<Record<string, unknown>>;
  /** The item that is asked about. */
  readonly itemId: string;
}

/** Null: no hook has an answer; a person is asked. */
export async function askHooks(
  { runtime: { hooks } }: Pick<TurnThread, 'runtime'>,
  turn: Pick<WorkTurn, 'id' | 'signal'>,
  { names, input, itemId }: AskedPermission,
): Promise<{ readonly allowed: true } | { readonly allowed: false; readonly reason: string } | null> {
  if (!hooks.has('permissionRequest')) return null;
  const about = { names, input: { tool_name: names[0], tool_input: input }, id: itemId };
  const results = await hooks.run('permissionRequest', about, turn);
  turn.signal.throwIfAborted();
  const reason = refusalOf(results);
  if (reason !== null) return { allowed: false, reason };
  return results.some(({ answer: { allows } }) => allows) ? { allowed: true } : null;
}
