import t from 'tap';
import { changedList, changeList, isChanged, type ListChange } from '../../../server/sandbox/windows/access-change.js';
import { accessListIn } from '../../../server/system/windows/sddl.js';
import { fakeLists } from './fake-lists.js';

const [OURS, OTHER] = ['S-1-5-21-1-2-3-100001', 'S-1-5-21-1-2-3-100002'];
const CHANGE: ListChange = {
  wanted: [
    { effect: 'allow', sid: OURS, mask: 0x1301bf, inheritance: 'all' },
    { effect: 'deny', sid: OURS, mask: 0x10000, inheritance: 'none' },
  ],
  removed: [],
};
const listOf = (text: string) => accessListIn(text) ?? { protected: false, aces: [] };

t.test('refusals come first, grants last, and entries of others keep their text', async (t) => {
  const before = listOf(`D:PAI(D;;0x1;;;BG)(A;;FA;;;BA)(A;;0x3;;;${OURS})(A;ID;FA;;;SY)`);
  t.notOk(isChanged(before, CHANGE));
  const text = changedList(before, CHANGE);
  t.equal(text, `D:P(D;;0x10000;;;${OURS})(D;;0x1;;;BG)(A;;FA;;;BA)(A;OICI;0x1301bf;;;${OURS})`);
  t.ok(isChanged(listOf(text), CHANGE));
});

t.test('a missing, another, a further and a late entry are not the change', async (t) => {
  const [grant, refusal] = [`(A;OICI;0x1301bf;;;${OURS})`, `(D;;0x10000;;;${OURS})`];
  t.ok(isChanged(listOf(`D:${refusal}(A;;FA;;;BA)${grant}`), CHANGE));
  for (const list of [
    '',
    refusal,
    `${refusal}${grant}${grant}`,
    `${grant}${refusal}`,
    `(A;;FA;;;WD)${refusal}${grant}`,
    `${refusal}(A;OICI;0x1f01ff;;;${OURS})`,
    `${refusal}(A;OICIIO;0x1301bf;;;${OURS})`,
    `(D;ID;0x10000;;;${OURS})${grant}`,
    `(D;;0x10000;;;${OTHER})${grant}`,
  ])
    t.notOk(isChanged(listOf(`D:${list}`), CHANGE), list);
});

t.test('entries of a SID are taken away, all or the refusals', async (t) => {
  const list = listOf(`D:(D;;0x1;;;${OURS})(A;;0x3;;;${OURS})(A;;0x3;;;${OTHER})(A;ID;FA;;;${OURS})`);
  const remove = (only: 'deny' | null) => changedList(list, { wanted: [], removed: [{ sid: OURS, only }] });
  t.equal(remove('deny'), `D:(A;;0x3;;;${OURS})(A;;0x3;;;${OTHER})`);
  t.equal(remove(null), `D:(A;;0x3;;;${OTHER})`);
});

t.test('a change is written once, and what Windows does not keep is an error', async (t) => {
  const lists = fakeLists((place) => place !== 'C:\\none');
  t.equal(changeList('C:\\a', CHANGE, lists), null);
  t.equal(changeList('C:\\a', CHANGE, lists), null);
  t.strictSame(lists.writes, ['C:\\a']);
  lists.failing = { place: 'C:\\b', how: 'nothing' };
  t.match(changeList('C:\\b', CHANGE, lists), /reported success/);
  lists.failing = { place: 'C:\\b', how: 'error' };
  t.match(changeList('C:\\b', CHANGE, lists), /os error 5/);
  t.match(changeList('C:\\none', CHANGE, lists), /os error 2/);
  t.match(changeList('D:\\fat', CHANGE, { ...lists, read: () => ({ sddl: 'O:BA' }) }), /no access list/);
});
