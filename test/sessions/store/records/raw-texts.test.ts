import t from 'tap';
import { createRawTexts, type RawTexts } from '../../../../server/sessions/store/records/raw-texts.js';
import { parseRecord, sniffRecord } from '../../../../server/sessions/store/records/sniff-record.js';
import { jsonPiece } from '../../../../server/system/node/json-text.js';

const LONG = 'a "line" of\toutput\n\u001b[1m“é→😀”'.repeat(40);

function parsed(raw: RawTexts, line: string | Buffer) {
  const buffer = Buffer.concat([Buffer.from('before\n'), Buffer.from(line), Buffer.from('\nbehind "text":"')]);
  const [start, end] = [7, 7 + Buffer.byteLength(line)];
  const sniffed = sniffRecord(buffer, start, end);
  return sniffed && { given: raw.parse(buffer, start, end, sniffed), whole: parseRecord(buffer, start, end) };
}

const lineOf = (payload: object): string =>
  JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', type: 'event_msg', payload });
const itemLine = (item: object): string => lineOf({ type: 'item_completed', thread_id: 't', turn_id: 'u', item });

const bytesOf = (pieces: readonly (string | Buffer)[]): string =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString();

const LINES: readonly string[] = [
  lineOf({ type: 'agent_message', message: LONG }),
  lineOf({ type: 'agent_reasoning', text: LONG }),
  lineOf({ type: 'agent_reasoning_raw_content', text: LONG }),
  lineOf({ type: 'mcp_tool_call_end', result: { Ok: { content: [{ type: 'text', text: LONG }, { text: 'b' }] } } }),
  lineOf({
    type: 'patch_apply_end',
    changes: { a: { type: 'update', unified_diff: LONG }, b: { type: 'add', content: LONG } },
  }),
  itemLine({ type: 'UserMessage', id: 'i', content: [{ image_url: LONG }, { text: LONG }] }),
  itemLine({ type: 'AgentMessage', id: 'i', content: [{ text: LONG }, { text: 'short' }, { text: LONG }] }),
  itemLine({ type: 'CommandExecution', id: 'i', aggregated_output: LONG, exit_code: 0 }),
  itemLine({ type: 'FileChange', id: 'i', changes: { b: { content: LONG }, a: { unified_diff: LONG } } }),
  itemLine({ type: 'ImageGeneration', id: 'i', result: LONG }),
  itemLine({ type: 'McpToolCall', id: 'i', result: { content: [{ text: LONG }] } }),
];

t.test('long texts have names in the record, and come back into its JSON', (t) => {
  for (const line of LINES) {
    const raw = createRawTexts();
    const { given, whole } = parsed(raw, line) ?? {};
    t.notMatch(JSON.stringify(given), 'of', 'the text is not parsed');
    t.equal(bytesOf(raw.pieces(jsonPiece(given))), jsonPiece(whole));
  }
  t.end();
});

t.test('texts that no answer shows as they are, short ones, and those that are written differently are parsed', (t) => {
  const separator = lineOf({ type: 'agent_reasoning', text: `${LONG}\u2028` });
  const rows = [
    lineOf({ type: 'agent_reasoning', text: 'short' }),
    lineOf({ type: 'user_message', message: LONG }),
    itemLine({ type: 'CommandExecution', id: 'i', command: [LONG], cwd: LONG }),
    separator,
    separator.replace('\\n', '\\u000a').replace('\u2028', ''),
    itemLine({ type: 'AgentMessage', id: 'i', content: [{ text: 'short' }], '"text': 'short' }),
  ];
  for (const [i, line] of rows.entries()) {
    const raw = createRawTexts();
    const { given, whole } = parsed(raw, line) ?? {};
    t.strictSame(given, whole, `row ${i}`);
    t.strictSame(raw.pieces('{"a":1}'), ['{"a":1}']);
  }
  t.end();
});

t.test('a damaged line is damaged, wherever the damage is', (t) => {
  const line = itemLine({ type: 'AgentMessage', id: 'i', content: [{ text: LONG }, { text: LONG }], more: 1 });
  const places = ['"content"', '},{', '"more"', '“', 'output'].map((word) => line.indexOf(word, 150));
  for (const at of places) {
    for (const damage of ['\0', '"', '\\', '\\x']) {
      const { given = null, whole = null } =
        parsed(createRawTexts(), line.slice(0, at) + damage + line.slice(at)) ?? {};
      t.strictSame({ given, whole }, { given: null, whole: null }, `${damage} at ${at}`);
    }
  }
  t.end();
});

t.test('bytes that are not UTF-8 become U+FFFD', (t) => {
  const line = Buffer.from(lineOf({ type: 'agent_message', message: LONG }));
  line[line.indexOf('“') + 1] = 0xff;
  const { given, whole } = parsed(createRawTexts(), line) ?? {};
  t.strictSame(given, whole);
  t.match(JSON.stringify(given), '\ufffd');
  t.end();
});

t.test('texts of several records stand in one JSON text, in any order and more than once', (t) => {
  const raw = createRawTexts();
  const texts = Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(10_000)}`);
  const named = texts.map((text) => parsed(raw, lineOf({ type: 'agent_reasoning', text }))?.given?.payload['text']);
  const order = [3, 0, 39, 3, 12];
  t.equal(bytesOf(raw.pieces(jsonPiece(order.map((i) => named[i])))), jsonPiece(order.map((i) => texts[i])));
  raw.forget();
  const { given } = parsed(raw, lineOf({ type: 'agent_reasoning', text: LONG })) ?? {};
  t.match(bytesOf(raw.pieces(jsonPiece(given))), '[1m');
  t.end();
});
