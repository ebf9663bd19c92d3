/** Reads the input of the model from the files (model-history.ts assembles it). */
import type { Place } from '../records/turn-record.js';
import { payloadAt, sourceOf, type Reader } from './history-reader.js';
import { createModelHistory, replacementIn } from '../records/model-history.js';
import { scanLines } from '../files/scan-lines.js';
import { parseRecord, sniffRecord } from '../records/sniff-record.js';

const HISTORY_KINDS: ReadonlySet<string> = new Set(['response_item', 'compacted', '.thread_rolled_back']);

/** `until`: records from this position on do not count. */
export async function readModelHistory(reader: Reader, until: Pick<Place, 'slice' | 'start'> | null) {
  const { index, slices } = reader;
  const history = createModelHistory();
  const from = index.rolledBack ? null : await lastReplacement(reader, until);
  const opened = new Map(index.allOpened().map((entry) => [`${entry.slice}:${entry.start}`, entry.explicit]));
  for (const slice of slices) {
    if (from !== null && slice.number < from.slice) continue;
    if (until !== null && slice.number > until.slice) break;
    const source = await sourceOf(reader, slice);
    try {
      const start = from !== null && slice.number === from.slice ? from.start : 0;
      const onLine = (buffer: Buffer, lineStart: number, lineEnd: number, offset: number): void => {
        const explicit = opened.get(`${slice.number}:${offset}`);
        if (explicit !== undefined) history.turnOpened(!explicit);
        const kind = sniffRecord(buffer, lineStart, lineEnd)?.kind;
        if (kind === undefined || !HISTORY_KINDS.has(kind)) return;
        const record = parseRecord(buffer, lineStart, lineEnd);
        if (record === null) return;
        const { payload, metadata } = record;
        if (kind === 'response_item') history.responseItem(payload, metadata);
        else if (kind === 'compacted') history.compacted(payload);
        else history.rolledBack(Number(payload['num_turns'] ?? 0));
      };
      const whole = slice.end ?? (reader.scanned[slice.number]?.offset as number);
      const end = until?.slice === slice.number ? until.start : whole;
      const { offset, rest } = await scanLines(source, start, end, onLine);
      if (rest.length > 0) onLine(rest, 0, rest.length, offset);
    } finally {
      await source.close();
    }
  }
  return history.result();
}

/** The newest record that contains the whole input of the model: older records are not needed. */
async function lastReplacement(reader: Reader, until: Pick<Place, 'slice' | 'start'> | null): Promise<Place | null> {
  for (const place of reader.index.compactions.toReversed()) {
    if (until !== null && (place.slice > until.slice || (place.slice === until.slice && place.start >= until.start)))
      continue;
    const payload = await payloadAt(reader, place);
    if (payload !== null && replacementIn(payload) !== null) return place;
  }
  return null;
}
