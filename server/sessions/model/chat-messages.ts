/** The agent's history as messages of Chat Completions. */
import type { ChatTools } from './chat-tools.js';
import type { HistoryItem } from './model-provider.js';

type Part = { readonly type: string; readonly [member: string]: unknown };

interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | readonly Part[] | null;
  tool_calls?: object[];
  tool_call_id?: string;
}

/**
 * The developer messages at the start become the one system message: templates of local models refuse a second one, and
 * one that does not come first. Later ones are told by the user. Reasoning is not sent back: these servers take none.
 */
export function chatMessages(input: readonly HistoryItem[], tools: ChatTools): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of input) {
    const last = messages.at(-1);
    switch (item.type) {
      case 'message': {
        const parts = partsOf(item.content);
        if (item.role === 'assistant') messages.push({ role: 'assistant', content: textOf(parts) });
        else if (item.role === 'user') messages.push({ role: 'user', content: userContent(parts) });
        else if (last === undefined) messages.push({ role: 'system', content: textOf(parts) });
        else if (last.role === 'system' && typeof last.content === 'string') last.content += `\n\n${textOf(parts)}`;
        else messages.push({ role: 'user', content: textOf(parts) });
        break;
      }
      case 'function_call':
      case 'custom_tool_call': {
        const text = item.type === 'function_call' ? String(item.arguments) : JSON.stringify({ input: item.input });
        const call = { id: item.call_id, type: 'function', function: { name: tools.nameOf(item), arguments: text } };
        // Calls of one answer are one message, together with what was said before them.
        if (last?.role === 'assistant') (last.tool_calls ??= []).push(call);
        else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
        break;
      }
      case 'function_call_output':
      case 'custom_tool_call_output':
        messages.push(...outputMessages(item));
        break;
      default: // Reasoning, and what only the endpoint that wrote it understands.
    }
  }
  return messages;
}

function outputMessages({ call_id: id, name, output }: HistoryItem): ChatMessage[] {
  if (typeof id !== 'string') {
    const title = typeof name === 'string' ? name : 'output';
    return [{ role: 'user', content: `${title}: ${textOutput(output)}` }];
  }
  const parts = partsOf(output);
  const images = parts.filter(({ type }) => type === 'input_image');
  const answer: ChatMessage = { role: 'tool', tool_call_id: id, content: textOutput(output) };
  // A tool's message carries text only.
  return images.length === 0 ? [answer] : [answer, { role: 'user', content: userContent(images) }];
}

const textOutput = (output: unknown): string =>
  typeof output === 'string' ? output : textOf(partsOf(output)) || '(see the next message)';

function userContent(parts: readonly Part[]): string | readonly Part[] {
  if (parts.every(({ type }) => type !== 'input_image')) return textOf(parts);
  return parts.flatMap((part): Part[] => {
    if (part.type === 'input_image') return [{ type: 'image_url', image_url: { url: part.image_url } }];
    return typeof part.text === 'string' ? [{ type: 'text', text: part.text }] : [];
  });
}

function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

function partsOf(content: unknown): readonly Part[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return Array.isArray(content) ? (content as Part[]) : [];
}
