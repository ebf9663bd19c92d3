/**
 * Finds the context that the model has received. It is read from the history itself, so it is correct after a resume, a
 * fork, a compaction, and in files of other programs.
 */
import type { HistoryItem } from '../model/provider/model-provider.js';
import { isItem, type HistoryItemOf } from '../store/records/history-item.js';
import { textsIn } from '../store/records/item-text.js';

/** The last text of each kind; absent: the model has not received it. */
export type SentContext = Partial<Record<ContextKind, string>>;

export type ContextKind = 'skills' | 'permissions' | 'collaboration' | 'agents' | 'environment';

const MARKS: readonly (readonly [ContextKind, string])[] = [
  ['skills', '<skills_instructions>'],
  ['permissions', '<permissions instructions>'],
  ['collaboration', '<collaboration_mode>'],
  ['agents', '# AGENTS.md instructions'],
  ['environment', '<environment_context>'],
];

export function sentContextIn(history: readonly HistoryItem[]): SentContext {
  const told: SentContext = {};
  for (const item of history) {
    if (!isItem(item, 'message')) continue;
    for (const text of textsIn(item.content)) {
      const kind = kindOf(item, text);
      if (kind !== null) told[kind] = text;
    }
  }
  return told;
}

/** Whether a developer message has exactly this text as one of its parts. */
export function wasSent(history: readonly HistoryItem[], text: string): boolean {
  return history.some(
    (item) => isItem(item, 'message') && item.role === 'developer' && textsIn(item.content).includes(text),
  );
}

/** A message of codexd in the user's or the developer's role: not part of the conversation. */
export function isContext(item: HistoryItem): boolean {
  if (!isItem(item, 'message')) return false;
  if (item.role === 'developer' || item.role === 'system') return true;
  if (item.role !== 'user') return false;
  return textsIn(item.content).some((text) => kindOf(item, text) !== null || HARNESS.test(text));
}

/** Messages in the user's role that no person wrote. */
const HARNESS =
  /^<(?:turn_aborted|user_shell_command|skill|subagent_notification|user_action|codex_internal_context)[ >]/;

function kindOf({ role }: HistoryItemOf<'message'>, text: string): ContextKind | null {
  const found = MARKS.find(([, mark]) => text.startsWith(mark))?.[0] ?? null;
  const byUser = found === 'agents' || found === 'environment';
  return found !== null && role === (byUser ? 'user' : 'developer') ? found : null;
}
