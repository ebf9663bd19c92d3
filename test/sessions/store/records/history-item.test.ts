/** Items of any origin: what the reader returns has the types of the schema, and nothing unknown is lost. */
import t from 'tap';
import { explain } from '../../../../schema/shape/explain.js';
import type { Definitions } from '../../../../schema/shape/wire-shape.js';
import { ChatExtra, KnownHistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import {
  callIdOf,
  isItem,
  isKnownItem,
  isUnknownItem,
  itemIdOf,
  readHistoryItem,
} from '../../../../server/sessions/store/records/history-item.js';

const { shape } = KnownHistoryItem;
if (shape.kind !== 'tagged') throw new Error('a union by its tag');
const TYPES = Object.keys(shape.variants);
const definitions: Definitions = { ChatExtra: ChatExtra.shape };
const isValid = (item: unknown): boolean => explain(shape, structuredClone(item), definitions).ok;

const MEMBERS = [
  ...['id', 'call_id', 'encrypted_content', 'chat', 'role', 'content', 'phase', 'author', 'summary', 'action', 'name'],
  ...['namespace', 'arguments', 'output', 'input', 'status', 'execution', 'tools', 'of_tomorrow', '__proto__'],
  'internal_chat_message_metadata_passthrough',
];
const VALUES = [
  ...['text', '', 5, null, true, {}, [], [1, 'x', null], { provider: 'p' }, { provider: 5 }],
  ...[
    { provider: 'p', call: [] },
    { provider: 'p', message: { a: 1 }, reasoning: 'r' },
    { provider: 'p', reasoning: 1 },
  ],
];

t.test('every type, each member with each kind of value: what is read is valid, and right members stay', async (t) => {
  for (const type of TYPES) {
    const wrong: string[] = [];
    for (const member of MEMBERS) {
      for (const value of VALUES) {
        const given = JSON.parse(
          `{"type":"${type}",${JSON.stringify(member)}:${JSON.stringify(value)},"more":{"a":[1]}}`,
        );
        const read = readHistoryItem(given);
        const whole = read === given;
        if (read === null || !isKnownItem(read) || !isValid(read) || whole !== isValid(given))
          wrong.push(`${member}: ${JSON.stringify(value)}`);
        if (!whole) t.same(read, { type, more: { a: [1] } }, 'only the wrong member is left out');
      }
    }
    t.strictSame(wrong, [], type);
  }
});

t.test('an item of an unknown type is returned itself, whatever it contains', async (t) => {
  for (const type of ['of_tomorrow', 'other', 'compaction_trigger', 'constructor', '__proto__', '']) {
    const given = { type, id: 5, content: 'text', output: null };
    const read = readHistoryItem(given);
    t.equal(read, given);
    t.equal(read !== null && isUnknownItem(read) && !isKnownItem(read), true, type);
  }
});

t.test('what is no item', async (t) => {
  for (const none of [null, undefined, 'message', 5, [], [{ type: 'message' }], {}, { type: 5 }, { type: null }])
    t.equal(readHistoryItem(none), null);
});

t.test('types and ids', async (t) => {
  const call = readHistoryItem({ type: 'function_call', id: '', call_id: 'c' });
  const unknown = readHistoryItem({ type: 'of_tomorrow', id: 'i', call_id: 5 });
  if (call === null || unknown === null) return t.fail();
  t.equal(isItem(call, 'message', 'function_call'), true);
  t.equal(isItem(call, 'message'), false);
  t.strictSame([itemIdOf(call), callIdOf(call)], [null, 'c']);
  t.strictSame([itemIdOf(unknown), callIdOf(unknown)], ['i', null]);
});
