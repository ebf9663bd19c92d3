import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { newCapability, readRecord, removeRecord, writeRecord } from '../../../server/sandbox/windows/access-record.js';

t.test('a record is read as it was written', async (t) => {
  const home = t.testdir({ '.codexd-sandbox': {} });
  const empty = { capabilities: {}, groups: [], paths: [], created: [], denied: {} };
  t.same(readRecord(home), empty);
  const record = {
    capabilities: { k: newCapability() },
    groups: ['S-1-5-21-1-2-3-1003'],
    paths: ['C:\\a'],
    created: ['C:\\a\\b'],
    denied: { 'c:\\x': [7] },
  };
  writeRecord(home, record);
  t.same(readRecord(home), record);
  removeRecord(home);
  removeRecord(home);
  t.same(readRecord(home), empty);
});

t.test('a damaged record is refused, because what it knew could not be undone', async (t) => {
  const home = t.testdir({ '.codexd-sandbox': {} });
  const whole = { capabilities: {}, groups: [], paths: [], created: [], denied: {} };
  for (const text of [
    '',
    '{',
    'null',
    '{}',
    JSON.stringify({ ...whole, paths: [1] }),
    JSON.stringify({ ...whole, groups: ['S-1-5-32-545'] }),
    JSON.stringify({ ...whole, capabilities: { k: 'S-1-1-0' } }),
    JSON.stringify({ ...whole, denied: { p: 1 } }),
  ]) {
    fs.writeFileSync(path.join(home, '.codexd-sandbox', 'access.json'), text);
    t.throws(() => readRecord(home), { code: 'sandbox.refused', message: /damaged/ }, text);
  }
});

t.test('capabilities are SIDs of no account, all different', async (t) => {
  const all = Array.from({ length: 500 }, newCapability);
  t.equal(new Set(all).size, 500);
  for (const sid of all) {
    const parts = sid.split('-').slice(4).map(Number);
    t.ok(/^S-1-5-21(?:-\d{1,10}){4}$/.test(sid) && parts.every((part) => part <= 0xffffffff), sid);
    t.ok((parts.at(-1) ?? 0) >= 100_000);
  }
});
