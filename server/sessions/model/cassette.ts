/**
 * A recorded session with a model: JSON lines, a head and then one line per response (docs/configuration.md "Replay").
 * `codexd record` or a person writes it.
 */
import { openFile, readWholeLater } from '../../system/files/open-file.js';
import type { OutputFile } from '../../system/files/output-file.js';
import { isObject } from '../../system/node/objects.js';
import { readHistoryItem } from '../store/records/history-item.js';
import type { ModelEvent } from './provider/model-provider.js';

export interface Cassette {
  readonly responses: readonly CassetteResponse[];
}

export interface CassetteResponse {
  readonly events: readonly CassetteEvent[];
}

/** `afterMs`: the delay before the event, so that a replay can look like a model that writes. */
export type CassetteEvent = ModelEvent & { readonly afterMs?: number };

const HEAD = { codexd_cassette: 1 } as const;

/** Throws Error that names the file, the line and the mistake. */
export async function readCassette(file: string): Promise<Cassette> {
  const lines = (await textOf(file)).split('\n');
  const bad = (line: number, what: string): Error => new Error(`cassette ${file}, line ${line + 1}: ${what}`);
  const read = (text: string, line: number): Record<string, unknown> => {
    try {
      const value: unknown = JSON.parse(text);
      return isObject(value) ? value : {};
    } catch {
      throw bad(line, 'no JSON');
    }
  };
  const [head = ''] = lines;
  if (read(head, 0).codexd_cassette !== HEAD.codexd_cassette)
    throw bad(0, `must be ${JSON.stringify(HEAD)}: another format, or a newer version of it`);
  const noItem = (line: number): never => {
    throw bad(line, 'has an event whose `item` is no object with a `type`');
  };
  const responses: CassetteResponse[] = [];
  for (const [line, text] of lines.entries()) {
    if (line === 0 || text.trim() === '') continue;
    const { events } = read(text, line);
    if (!Array.isArray(events) || !events.every(isEvent)) throw bad(line, 'must have `events`, each with a `type`');
    responses.push({ events: events.map((event) => readEvent(event) ?? noItem(line)) });
  }
  return { responses };
}

export interface CassetteWriter {
  write(events: readonly ModelEvent[]): void;
}

/** Writes a new recording. `file` was opened before any command ran. */
export function createCassette(file: OutputFile): CassetteWriter {
  file.replace(`${JSON.stringify(HEAD)}\n`);
  return { write: (events) => file.append(`${JSON.stringify({ events })}\n`) };
}

/** In bytes. A day's work with a model needs some megabytes. */
const MAX_CASSETTE = 512 * 1024 * 1024;

async function textOf(file: string): Promise<string> {
  const opened = openFile(file);
  try {
    return (await readWholeLater(opened, MAX_CASSETTE)).toString();
  } finally {
    opened.close();
  }
}

/** An event whose item is read as the items of an endpoint are. Null: it has none. */
function readEvent(event: CassetteEvent): CassetteEvent | null {
  if (event.type !== 'item' && event.type !== 'itemStarted') return event;
  const item = readHistoryItem(event.item);
  return item === null ? null : { ...event, item };
}

function isEvent(value: unknown): value is CassetteEvent {
  return isObject(value) && typeof value.type === 'string';
}
