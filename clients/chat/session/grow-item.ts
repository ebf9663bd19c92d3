/** Items while they grow, before `item/completed` brings the complete item. */
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Growth } from './chat-events.js';

/** Output of a command that is kept while it runs, in characters. `item/completed` brings what the server keeps. */
const MOST_OUTPUT = 64 * 1024;

/** The item with this piece. An item of another kind stays as it is. */
export function grownItem(item: ThreadItem, growth: Growth): ThreadItem {
  switch (growth.kind) {
    case 'message':
      return item.type === 'agentMessage' ? { ...item, text: item.text + growth.text } : item;
    case 'plan':
      return item.type === 'plan' ? { ...item, text: item.text + growth.text } : item;
    case 'summary': {
      if (item.type !== 'reasoning') return item;
      const summary = [...item.summary];
      while (summary.length <= growth.index) summary.push('');
      summary[growth.index] += growth.text;
      return { ...item, summary };
    }
    case 'output': {
      if (item.type !== 'commandExecution') return item;
      const output = `${item.aggregatedOutput ?? ''}${growth.text}`;
      return { ...item, aggregatedOutput: output.slice(-MOST_OUTPUT) };
    }
    case 'changes':
      return item.type === 'fileChange' ? { ...item, changes: [...growth.changes] } : item;
    case 'progress':
      return item;
  }
}
