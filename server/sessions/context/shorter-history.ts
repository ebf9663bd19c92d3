/**
 * Shortened histories for a compaction that does not fit into the model's window: each is shorter than the one before.
 */
import type { HistoryItem } from '../model/provider/model-provider.js';
import { callIdOf, isItem, type CallOutputItem } from '../store/records/history-item.js';

/** How many characters of a long output stay: half from its beginning, half from its end. */
const KEPT_OUTPUT = 2_000;
/** More attempts would only make the person wait. */
const MAX_HALVINGS = 12;

/**
 * First the unchanged history; then with long outputs of tools cut in the middle; then without its older half,
 * repeatedly. An output never appears without its call.
 */
export function* shorterAndShorter(history: readonly HistoryItem[]): Generator<readonly HistoryItem[]> {
  yield history;
  let rest = history.map(withShortOutput);
  if (bytesOf(rest) < bytesOf(history)) yield rest;
  for (let halvings = 0; halvings < MAX_HALVINGS; halvings++) {
    rest = newerHalf(rest);
    if (rest.length === 0) return;
    yield rest;
  }
}

function withShortOutput(item: HistoryItem): HistoryItem {
  if (!isCallOutput(item)) return item;
  const text = typeof item.output === 'string' ? item.output : JSON.stringify(item.output ?? '');
  if (text.length <= KEPT_OUTPUT) return item;
  const half = KEPT_OUTPUT / 2;
  const left = text.length - KEPT_OUTPUT;
  return { ...item, output: `${text.slice(0, half)}\n… ${left} characters left out …\n${text.slice(-half)}` };
}

/** Half by size. At least the last item stays. */
function newerHalf(items: readonly HistoryItem[]): HistoryItem[] {
  const room = bytesOf(items) / 2;
  let size = 0;
  let start = items.length - 1;
  for (; start > 0; start--) {
    size += bytesOf(items[start - 1]);
    if (size + bytesOf(items.at(-1)) > room) break;
  }
  const kept = items.slice(Math.max(start, 1));
  const calls = new Set(kept.filter((item) => !isOutput(item)).map(callIdOf));
  return kept.filter((item) => !isOutput(item) || calls.has(callIdOf(item)));
}

const isOutput = ({ type }: HistoryItem): boolean => type.endsWith('_output');
const isCallOutput = (item: HistoryItem): item is CallOutputItem =>
  isItem(item, 'function_call_output', 'custom_tool_call_output');
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value ?? null));
