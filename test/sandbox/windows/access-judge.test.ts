import t from 'tap';
import { canRemove, entriesAt, isGranted, type SidEntry } from '../../../server/sandbox/windows/access-judge.js';

const [A, B] = ['S-1-5-21-1-1-1-1', 'S-1-5-21-1-1-1-2'];
const entry = (
  path: string,
  effect: 'allow' | 'deny',
  sid: string,
  mask: number,
  more: Partial<SidEntry> = {},
): SidEntry => ({
  path,
  effect,
  sid,
  mask,
  inheritance: 'all',
  ...more,
});
const free = (...sids: string[]) => ({ sids, restricting: null });

t.test('the first entry about a right decides, the nearest folder first', async (t) => {
  const entries = [
    entry('C:\\', 'deny', A, 0x2),
    entry('C:\\a', 'allow', A, 0x3),
    entry('C:\\a\\b', 'deny', A, 0x1, { inheritance: 'none' }),
  ];
  t.notOk(isGranted(entries, free(A), 'C:\\', 0x2));
  t.ok(isGranted(entries, free(A), 'C:\\a\\x', 0x3), 'the nearer grant counts');
  t.notOk(isGranted(entries, free(A), 'C:\\a\\b', 0x1));
  t.ok(isGranted(entries, free(A), 'C:\\a\\b\\c', 0x1), 'an entry without inheritance ends at its path');
  t.notOk(isGranted(entries, free(B), 'C:\\a', 0x1), 'a stranger');
  t.equal(entriesAt(entries, 'C:\\a\\b').length, 3);
});

t.test('an entry for children does not count at its own path', async (t) => {
  const entries = [entry('C:\\a', 'deny', A, 0x1, { inheritance: 'children' }), entry('C:\\', 'allow', A, 0x1)];
  t.ok(isGranted(entries, free(A), 'C:\\a', 0x1));
  t.notOk(isGranted(entries, free(A), 'C:\\a\\x', 0x1));
});

t.test('writing with a restricted token is judged twice, reading once', async (t) => {
  const entries = [entry('C:\\', 'allow', A, 0x1f01ff), entry('C:\\w', 'allow', B, 0x2)];
  const token = { sids: [A], restricting: [B] };
  t.ok(isGranted(entries, token, 'C:\\x', 0x1));
  t.notOk(isGranted(entries, token, 'C:\\x', 0x2));
  t.ok(isGranted(entries, token, 'C:\\w\\x', 0x3));
  t.notOk(isGranted(entries, token, 'C:\\w\\x', 0x10000));
  t.notOk(canRemove(entries, token, 'C:\\w\\x'));
});

t.test('FILE_DELETE_CHILD of the folder removes what says no itself', async (t) => {
  const entries = [entry('C:\\w', 'allow', A, 0x40, { inheritance: 'none' }), entry('C:\\w\\x', 'deny', A, 0x10000)];
  t.ok(canRemove(entries, free(A), 'C:\\w\\x'));
});
