/**
 * Long texts of an answer that go from a file's lines to the message as bytes: most of a long history is such texts. To
 * parse them and to write them again would cost more than all the rest.
 *
 * In the parsed record a name stands for such a text. So only texts are taken whose member keeps its value on the way
 * to the item: the item may put the name into another text, but not look at it.
 */
import { randomUUID } from 'node:crypto';
import type { RolloutRecord } from './rollout-record.js';
import { parseRecord, recordIn, type SniffedRecord } from './sniff-record.js';
import { writtenStringEnd } from './written-string.js';

export interface RawTexts {
  /** Parses a record as parseRecord does, except that names stand for its long texts. */
  parse(buffer: Buffer, start: number, end: number, sniffed: SniffedRecord): RolloutRecord | null;
  /** JSON text in pieces, with the texts in the place of their names. They are valid until `forget`. */
  pieces(json: string): readonly (string | Buffer)[];
  /** The texts so far are not needed any more. */
  forget(): void;
}

/** Shorter texts are parsed faster than they are searched for. */
const LEAST_BYTES = 512;

/**
 * By the kind of a record, or the type of its item, the members whose texts are taken. A test holds every member
 * against an answer that is made without names: kept-turns.test.ts.
 */
export const TAKEN: Readonly<Record<string, readonly string[]>> = {
  '.agent_message': ['message'],
  '.agent_reasoning': ['text'],
  '.agent_reasoning_raw_content': ['text'],
  '.mcp_tool_call_end': ['text'],
  '.patch_apply_end': ['content', 'unified_diff'],
  UserMessage: ['text', 'image_url'],
  AgentMessage: ['text'],
  CommandExecution: ['aggregated_output'],
  FileChange: ['content', 'unified_diff'],
  ImageGeneration: ['result'],
  McpToolCall: ['text'],
};

const MEMBERS = new Map(Object.entries(TAKEN).map(([kind, names]) => [kind, names.map(beginningOf)]));

export function createRawTexts(): RawTexts {
  /** No text of a file contains it. */
  const mark = randomUUID();
  let store = Buffer.alloc(0);
  let used = 0;
  let ends: number[] = [];

  /** Returns the name of the text. */
  function keep(text: Buffer): string {
    if (store.length - used < text.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * store.length, used + text.length, FIRST_STORE));
      store.copy(larger, 0, 0, used);
      store = larger;
    }
    used += text.copy(store, used);
    return `${mark}${ends.push(used) - 1}.`;
  }

  return {
    parse(buffer, start, end, { kind, item }) {
      const members = end - start < LEAST_BYTES ? undefined : MEMBERS.get(item === null ? kind : item.type);
      if (members === undefined) return parseRecord(buffer, start, end);
      const line = buffer.subarray(start, end);
      let json = '';
      let parsed = 0;
      for (const [from, to] of longTexts(line, members)) {
        json += line.toString('utf8', parsed, from) + keep(line.subarray(from, to));
        parsed = to;
      }
      return recordIn(json + line.toString('utf8', parsed));
    },
    pieces(json) {
      if (ends.length === 0) return [json];
      const [first = '', ...named] = json.split(mark);
      return named.reduce<(string | Buffer)[]>(
        (pieces, part) => {
          const dot = part.indexOf('.');
          const number = Number(part.slice(0, dot));
          pieces.push(store.subarray(ends[number - 1] ?? 0, ends[number]), part.slice(dot + 1));
          return pieces;
        },
        [first],
      );
    },
    forget() {
      used = 0;
      ends = [];
    },
  };
}

const FIRST_STORE = 64 * 1024;

/** The ranges of a line's long texts, in order. */
function longTexts(line: Buffer, members: readonly Buffer[]): (readonly [from: number, to: number])[] {
  const ranges: (readonly [from: number, to: number])[] = [];
  for (const member of members) {
    for (let at = line.indexOf(member); at !== -1;) {
      const from = at + member.length;
      const to = line.length - from < LEAST_BYTES ? -1 : writtenStringEnd(line, from, line.length);
      if (to - from >= LEAST_BYTES) ranges.push([from, to]);
      at = line.indexOf(member, Math.max(from, to));
    }
  }
  return members.length > 1 ? ranges.sort(([a], [b]) => a - b) : ranges;
}

/** How a member with a text begins. In a text its quotes would be escapes, so it is a member wherever it is. */
function beginningOf(name: string): Buffer {
  return Buffer.from(`"${name}":"`);
}
