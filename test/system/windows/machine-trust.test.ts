import t from 'tap';
import { distrustOf } from '../../../server/system/windows/machine-trust.js';

const USER = 'S-1-5-21-1-2-3-1003';
const INSTALLER = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464';
/** What an administrator makes with the commands of the error's text. */
const CLOSED = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)';
const FILE = 'O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)';

const way = (outer: string, inner: string, file: string, links: readonly boolean[] = []) =>
  [outer, inner, file].map((sddl, i) => ({
    path: ['OpenAI', 'Codex', 'file'][i] ?? '',
    isLink: links[i] === true,
    sddl,
  }));

t.test('what only administrators can change counts', async (t) => {
  t.equal(distrustOf(way(CLOSED, CLOSED, FILE)), null);
  const counting = [
    `O:${INSTALLER}D:P(A;;FA;;;${INSTALLER})(A;;FR;;;WD)`,
    'O:S-1-5-32-544D:P(A;;FA;;;S-1-5-18)(A;;GRGX;;;AU)',
    // CREATOR OWNER and OWNER RIGHTS are nobody else.
    'O:SYD:P(A;OICIIO;GA;;;CO)(A;OICI;FA;;;CO)(A;;FA;;;OW)',
    // It is in the list of what is below, which is judged itself.
    'O:BAD:P(A;OICIIO;FA;;;BU)',
    // A refusal takes nothing away, and gives nothing.
    'O:BAD:P(D;;FA;;;BU)(A;;FA;;;BA)',
    'O:BAD:P',
    // Reading needs SYNCHRONIZE and READ_CONTROL, FILE_READ_ATTRIBUTES and FILE_READ_EA.
    'O:BAD:P(A;;0x120089;;;WD)',
  ];
  for (const sddl of counting) t.equal(distrustOf(way(CLOSED, sddl, FILE)), null, sddl);
});

t.test("a folder that was made with ProgramData's own list does not count: users may add files", async (t) => {
  const made = 'O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)';
  t.strictSame(distrustOf(way(`${made}(A;CIID;DCLCRPCR;;;BU)`, CLOSED, FILE)), {
    path: 'OpenAI',
    why: 'can be changed by BU (A;CIID;DCLCRPCR;;;BU)',
  });
});

t.test('each part of the way is judged', async (t) => {
  const planted = `O:${USER}D:P(A;OICI;FA;;;BA)`;
  for (const [i, name] of ['OpenAI', 'Codex', 'file'].entries()) {
    const lists = [CLOSED, CLOSED, FILE].map((sddl, at) => (at === i ? planted : sddl)) as [string, string, string];
    t.strictSame(distrustOf(way(...lists)), { path: name, why: `belongs to ${USER}` });
    t.strictSame(
      distrustOf(
        way(
          CLOSED,
          CLOSED,
          FILE,
          [0, 1, 2].map((at) => at === i),
        ),
      ),
      {
        path: name,
        why: 'is a link',
      },
    );
  }
});

t.test('one right that changes something is enough', async (t) => {
  const rights = {
    'adds a file, or writes': '0x2',
    'adds a folder, or appends': '0x4',
    'sets extended attributes': '0x10',
    'removes a child': '0x40',
    'sets attributes, and so links': '0x100',
    removes: 'SD',
    'changes the list': 'WD',
    'takes it over': 'WO',
    'generic write': 'GW',
    'generic all': '0x10000000',
    'no right of files': 'ZZ',
  };
  for (const [what, right] of Object.entries(rights))
    for (const who of [USER, 'WD', 'BU', 'AU', 'IU', 'S-1-1-0', 'DA'])
      t.match(distrustOf(way(CLOSED, CLOSED, `O:BAD:P(A;;FA;;;BA)(A;;${right};;;${who})`)), { path: 'file' }, what);
});

t.test('what cannot be read, or depends on a condition, does not count', async (t) => {
  const refused = [
    '',
    'D:P(A;;FA;;;BA)',
    'O:BA',
    'O:BAD:NO_ACCESS_CONTROL',
    'O:BAD:P(A;;FA;;;BA',
    'O:BAD:P(XA;;FA;;;BU;(WIN://SYSAPPID Exists))',
    'O:BAD:P(OA;;FA;;;BU)',
    'O:LAD:P(A;;FA;;;BA)',
    'O:COD:P(A;;FA;;;BA)',
    // A refusal before it is about another right, or a group that others are not in.
    `O:BAD:P(D;;0x2;;;${USER})(A;;0x2;;;BU)`,
  ];
  for (const sddl of refused) t.match(distrustOf(way(CLOSED, sddl, FILE)), { path: 'Codex' }, sddl);
});
