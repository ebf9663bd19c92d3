/**
 * What becomes of the result of a tool: what clients see of it, and what the model reads
 * (docs/protocol/services.md §7, "Calls in a turn").
 *
 * Threat: a result without end fills the history, the disk and every client; a broken picture, which the endpoint
 * refuses, makes every later turn fail. Rule: both have a limit, and say so where they are cut; a picture goes to the
 * model only when its bytes are one.
 */
import type { ThreadItem } from '../../../../schema/protocol/threads/item.js';
import type { JsonObject, ToolResult } from '../../mcp/shape/connection.js';
import { shorten, type Budget } from '../../shell/model-output.js';
import type { ToolOutput } from '../../tool-types/tool.js';
import { imagePart, type ImageTaking, type Part } from '../files/image-data.js';

type ItemResult = NonNullable<Extract<ThreadItem, { type: 'mcpToolCall' }>['result']>;
type Json = ItemResult['content'][number];

/** Characters of a result that an item holds. */
const MAX_ITEM = 1024 * 1024;

export function itemResult({ content, structuredContent, _meta }: ToolResult): ItemResult {
  const whole = {
    content: content as unknown as Json[],
    structuredContent: (structuredContent ?? null) as ItemResult['structuredContent'],
    _meta: (_meta ?? null) as ItemResult['_meta'],
  };
  const size = JSON.stringify(whole).length;
  if (size <= MAX_ITEM) return whole;
  const texts = content.every(({ type }) => type === 'text') && whole.structuredContent === null;
  const text = texts ? content.map((block) => String(block.text)).join('\n') : JSON.stringify(whole);
  const half = MAX_ITEM / 2 - 100;
  const cut = `Truncated tool output:\n${text.slice(0, half)}…${text.length - 2 * half} chars truncated…${text.slice(-half)}`;
  return { content: [{ type: 'text', text: cut }], structuredContent: null, _meta: null };
}

export const wallTime = (ms: number): string => `Wall time: ${(ms / 1000).toFixed(4)} seconds\nOutput:`;

/** The output of a call that failed. */
export function failureOutput(text: string, ms: number): ToolOutput {
  return [inputText(wallTime(ms)), inputText(text)];
}

/** `model`: what it takes of images. */
export async function modelOutput(
  result: ToolResult,
  ms: number,
  budget: Budget,
  model: ImageTaking,
): Promise<ToolOutput> {
  const { structuredContent, content } = result;
  if (structuredContent !== undefined && structuredContent !== null) {
    const text = JSON.stringify(structuredContent);
    return `${wallTime(ms)}\n${shorten(text, Buffer.byteLength(text), budget)}`;
  }
  const room = budget.unit === 'bytes' ? budget.amount : budget.amount * BYTES_PER_TOKEN;
  const parts: Part[] = [inputText(wallTime(ms))];
  let left = room;
  let images = 0;
  let omitted = 0;
  for (const block of content) {
    if (block.type === 'image' && typeof block.data === 'string') {
      if (images++ < MAX_IMAGES) parts.push(await imagePart(Buffer.from(block.data, 'base64'), 'high', model));
      continue;
    }
    const text = textOf(block);
    const size = Buffer.byteLength(text);
    if (left <= 0 && size > 0) {
      omitted++;
      continue;
    }
    parts.push(inputText(size <= left ? text : shorten(text, size, { unit: 'bytes', amount: left })));
    left -= size;
  }
  if (images > MAX_IMAGES) parts.push(inputText(`[omitted ${images - MAX_IMAGES} images ...]`));
  if (omitted > 0) parts.push(inputText(`[omitted ${omitted} text items ...]`));
  return parts;
}

const BYTES_PER_TOKEN = 4;
/** More pictures of one result than any endpoint takes with a request. */
const MAX_IMAGES = 20;

const inputText = (text: string): Part => ({ type: 'input_text', text });

function textOf(block: JsonObject): string {
  if (block.type === 'text' && typeof block.text === 'string') return block.text;
  return JSON.stringify(block);
}
