/** What was left out is read once, kept by endpoint and model, and written whole each time. */
import t from 'tap';
import { createLeftOut, type LeftOutRule } from '../../../server/sessions/runtime/left-out.js';
import type { RecordPayload } from '../../../server/sessions/store/records/rollout-record.js';

const one: LeftOutRule = { what: 'item', item: 'rs_1' };
const two: LeftOutRule = { what: 'member', type: 'reasoning', member: 'content' };

t.test('what the file says comes first, what is added behind it; scopes stay apart', async (t) => {
  let reads = 0;
  const leftOut = createLeftOut(() => {
    reads++;
    return Promise.resolve({ type: 'codexd_left_out', scopes: { 'a/m': [one], 'b/m': [two] } });
  });
  t.strictSame(await leftOut.rules('a/m'), [one]);
  t.strictSame(await leftOut.rules('c/m'), []);
  t.equal(reads, 1);
  t.match(leftOut.add('a/m', [two]), {
    type: 'event_msg',
    payload: { type: 'codexd_left_out', scopes: { 'a/m': [one, two], 'b/m': [two] } },
  });
  t.strictSame(await leftOut.rules('a/m'), [one, two]);
  t.ok(leftOut.held > 0);
  leftOut.close();
  t.equal(leftOut.held, 0);
  t.strictSame(await leftOut.rules('a/m'), []);
});

t.test('what others wrote into the file: rules count, the rest does not', async (t) => {
  const rulesOf = (payload: RecordPayload | null) => createLeftOut(() => Promise.resolve(payload)).rules('a/m');
  t.strictSame(await rulesOf(null), []);
  t.strictSame(await rulesOf({ scopes: 'nothing' }), []);
  t.strictSame(await rulesOf({ scopes: { 'a/m': 'nothing' } }), []);
  const junk = [
    null,
    7,
    'x',
    [],
    {},
    { what: 'all' },
    { what: 'item' },
    { what: 'member', type: 'x' },
    { what: 'type' },
  ];
  t.strictSame(await rulesOf({ scopes: { 'a/m': [...junk, one, { what: 'parts', type: 'input_image' }] } }), [
    one,
    { what: 'parts', type: 'input_image' },
  ]);
});

t.test('a file that cannot be read is tried again', async (t) => {
  let broken = true;
  const leftOut = createLeftOut(() => (broken ? Promise.reject(new Error('disk')) : Promise.resolve(null)));
  await t.rejects(leftOut.rules('a/m'), /disk/);
  broken = false;
  t.strictSame(await leftOut.rules('a/m'), []);
});
