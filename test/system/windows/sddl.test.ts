import t from 'tap';
import { accessListIn, aceText, RIGHTS } from '../../../server/system/windows/sddl.js';

const SID = 'S-1-5-21-1-2-3-1003';

t.test('entries are read with their rights and flags', async (t) => {
  const list = accessListIn(
    `O:BAG:SYD:PAI(D;OICI;0xd0156;;;${SID})(A;OICIIO;FA;;;CO)(A;ID;FRFX;;;BU)(A;;0xe0000000;;;WD)`,
  );
  t.equal(list?.protected, true);
  t.match(list?.aces, [
    { kind: 'deny', inherited: false, inheritance: 'all', mask: RIGHTS.change, sid: SID },
    { kind: 'allow', inheritance: 'children', mask: RIGHTS.all, sid: 'CO' },
    { kind: 'allow', inherited: true, inheritance: 'none', mask: RIGHTS.readAndExecute, sid: 'BU' },
    { mask: 0x1201bf, sid: 'WD' },
  ]);
  t.equal(list?.aces[0]?.text, aceText('deny', 'all', RIGHTS.change, SID));
});

t.test('a list that inherits is not protected, and an audit list is left out', async (t) => {
  t.match(accessListIn('D:AI(A;ID;FA;;;SY)S:AI(AU;SA;FA;;;WD)'), { protected: false, aces: { length: 1 } });
  t.match(accessListIn('O:SYD:AR'), { protected: false, aces: [] });
  t.match(accessListIn('O:SYD:P'), { protected: true, aces: [] });
});

t.test('what other programs wrote keeps its text', async (t) => {
  const condition = '(XA;;FX;;;BU;(WIN://SYSAPPID Exists))';
  t.match(accessListIn(`O:SYD:${condition}(A;;0x1;;;WD)`)?.aces, [
    { kind: 'other', text: condition },
    { kind: 'allow' },
  ]);
  t.equal(accessListIn('D:(A;;ZZ;;;WD)')?.aces[0]?.mask, null);
});

t.test('a descriptor without a list is none', async (t) => {
  for (const text of ['', 'O:SY', 'O:SYG:SY', 'D:NO_ACCESS_CONTROL', 'D:(A;;FA;;;WD', 'D:(A;;FA;;;WD)rest'])
    t.equal(accessListIn(text), null, text);
});
