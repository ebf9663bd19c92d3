/** Prints what happens in a thread as lines of text, for pipes, simple terminals and screen readers. */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Turn, TurnPlanStep } from '../../../schema/protocol/threads/turn.js';
import type { Growth, Tone } from '../session/chat-events.js';
import { usageText, type ThreadState } from '../session/thread-state.js';
import { changeLines } from '../text/diff-lines.js';
import { itemLines, type ItemForm } from '../text/item-lines.js';
import { outputText, visibleLine, visibleText } from '../text/safe-text.js';
import { NO_STYLES } from '../text/styles.js';

export interface PlainPrinter {
  /** Prints lines. Not yet safe text is made safe. */
  say(text: string): void;
  opened(state: ThreadState, turns: readonly Turn[]): void;
  started(item: ThreadItem): void;
  grew(growth: Growth): void;
  completed(item: ThreadItem, isOwn: boolean): void;
  plan(plan: readonly TurnPlanStep[], explanation: string | null): void;
  note(tone: Tone, text: string): void;
  /** The changes of a patch that was seen. */
  showChanges(itemId: string): void;
}

/** All lines: a reader of a pipe folds nothing out. */
const FORM: ItemForm = { styles: NO_STYLES, most: null, hint: '' };
/** Turns of a continued session that are printed. */
const RECALLED = 3;

/** People who hear the text need to know who speaks. */
const SPEAKER = 'codexd:';

/** `write` receives whole lines. */
export function createPlainPrinter(write: (text: string) => void): PlainPrinter {
  /** The last line of each growing item, which has no line feed yet. */
  const partial = new Map<string, string>();
  /** Commands whose beginning was printed; a client that joins a running turn gets only the end. */
  const begun = new Set<string>();
  const patches = new Map<string, Extract<ThreadItem, { type: 'fileChange' }>>();
  const put = (lines: readonly string[]): void => lines.forEach((line) => write(`${line}\n`));
  /** Prints complete lines now, and keeps the rest. */
  const stream = (itemId: string, text: string, print: (lines: readonly string[]) => void): void => {
    const all = `${partial.get(itemId) ?? ''}${text}`.replaceAll('\r\n', '\n').split('\n');
    partial.set(itemId, all.pop() ?? '');
    if (all.length > 0) print(all);
  };
  /** Messages whose speaker was named. */
  const named = new Set<string>();
  const message = (itemId: string, lines: readonly string[]): void => {
    put([...(named.has(itemId) ? [] : [SPEAKER]), ...lines.map(visibleText)]);
    named.add(itemId);
  };
  const output = (lines: readonly string[]): void =>
    put(lines.flatMap((line) => outputText(line, false).split('\n')).map((line) => `  ${line}`));
  return {
    say: (text) => put(visibleText(text).replace(/\n$/, '').split('\n')),
    opened(state, turns) {
      put([
        `session ${state.id}`,
        `model ${visibleLine(state.model)}, permissions ${visibleLine(state.permissions)}, approvals ${state.approvals}`,
        `folder ${visibleLine(state.cwd)}`,
      ]);
      for (const { items } of turns.slice(-RECALLED)) {
        for (const item of items) {
          if (item.type === 'userMessage') put(itemLines(item, FORM));
          if (item.type === 'agentMessage') put([SPEAKER, ...itemLines(item, FORM)]);
        }
      }
    },
    started(item) {
      if (item.type === 'fileChange') patches.set(item.id, item);
      if (item.type === 'commandExecution') {
        begun.add(item.id);
        put(itemLines({ ...item, aggregatedOutput: null }, FORM));
      }
      if (item.type === 'mcpToolCall') put([`MCP ${visibleLine(`${item.server}.${item.tool}`)}`]);
    },
    grew(growth) {
      if (growth.kind === 'message') stream(growth.itemId, growth.text, (lines) => message(growth.itemId, lines));
      if (growth.kind === 'output') stream(growth.itemId, growth.text, output);
      if (growth.kind === 'progress') put([`  ${visibleLine(growth.text)}`]);
      const patch = patches.get(growth.itemId);
      if (growth.kind === 'changes' && patch) patches.set(patch.id, { ...patch, changes: [...growth.changes] });
    },
    completed(item, isOwn) {
      const rest = partial.get(item.id);
      partial.delete(item.id);
      patches.delete(item.id);
      switch (item.type) {
        case 'userMessage':
          if (!isOwn) put(['from another client:', ...itemLines(item, FORM)]);
          return;
        case 'agentMessage':
          if (rest !== '') message(item.id, rest === undefined ? itemLines(item, FORM) : [rest]);
          named.delete(item.id);
          return;
        case 'commandExecution': {
          // What came in pieces is printed already; the head came with the start.
          const streamed = rest !== undefined;
          if (streamed && rest !== '') output([rest]);
          const full = itemLines(
            { ...item, aggregatedOutput: streamed ? null : (item.aggregatedOutput ?? null) },
            FORM,
          );
          const head = visibleText(item.command).replace(/\n+$/, '').split('\n').length;
          return put(begun.delete(item.id) ? full.slice(head) : full);
        }
        case 'reasoning':
          return put(itemLines(item, FORM).map((line) => `thinking: ${line}`));
        default:
          return put(itemLines(item, FORM));
      }
    },
    plan: (plan, explanation) =>
      put([
        'plan:',
        ...(explanation === null ? [] : [visibleLine(explanation)]),
        ...plan.map(({ step, status }) => `  ${PLAN_WORDS[status]} ${visibleLine(step)}`),
      ]),
    note: (tone, text) => put(visibleText(tone === 'info' ? text : `${tone}: ${text}`).split('\n')),
    showChanges(itemId) {
      const patch = patches.get(itemId);
      if (patch !== undefined) put(changeLines(patch.changes, NO_STYLES, null, ''));
    },
  };
}

const PLAN_WORDS = { completed: 'done:', inProgress: 'now:', pending: 'later:' } as const;

/** What a turn used, as a line; empty when nothing is known. */
export const usageLine = (state: ThreadState): string => (state.usage === null ? '' : `${usageText(state)}\n`);
