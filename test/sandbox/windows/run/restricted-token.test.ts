import t from 'tap';
import {
  logonSid,
  ownList,
  restrictedToken,
  tokenProblems,
} from '../../../../server/sandbox/windows/run/restricted-token.js';
import type { TokenCalls, TokenFacts } from '../../../../server/system/windows/process/win32-token.js';

const LOGON = 'S-1-5-5-0-77';
const USER = 'S-1-5-21-1-2-3-1001';
const CAPABILITY = 'S-1-5-21-9-8-7-6';
const OWN: TokenFacts = {
  user: USER,
  groups: [
    { sid: 'S-1-1-0', attributes: 7 },
    { sid: LOGON, attributes: 0xc0000007 | 0 },
  ],
  restricting: [],
  privileges: [23, 33],
};
const GOOD: TokenFacts = { ...OWN, privileges: [23], restricting: [CAPABILITY, LOGON, 'S-1-1-0'] };
const ASKED = GOOD.restricting;

t.test('a restricted token has nothing that was not asked for', async (t) => {
  t.strictSame(tokenProblems(GOOD, ASKED), []);
  t.strictSame(tokenProblems({ ...GOOD, restricting: [...ASKED].reverse() }, ASKED), []);
  t.match(tokenProblems(null, ASKED), [/cannot be read/]);
  t.match(tokenProblems({ ...GOOD, restricting: [] }, ASKED), [/writes are not restricted/]);
  t.match(tokenProblems({ ...GOOD, restricting: ASKED.slice(1) }, ASKED), [/by other SIDs \(missing: S-1-5-21-9/]);
  t.match(tokenProblems({ ...GOOD, restricting: [...ASKED, USER] }, ASKED), [/not asked for: S-1-5-21-1-2-3-1001/]);
  t.match(tokenProblems({ ...GOOD, privileges: [23, 20] }, ASKED), [/the privileges 20/]);
  const administrator = { sid: 'S-1-5-32-544', attributes: 7 };
  t.match(tokenProblems({ ...GOOD, groups: [administrator] }, ASKED), [/administrator/]);
  t.strictSame(tokenProblems({ ...GOOD, groups: [{ ...administrator, attributes: 0x10 }] }, ASKED), []);
});

function fakeCalls(changes: Partial<TokenCalls> = {}, made: TokenFacts | null = GOOD) {
  const asked: string[][] = [];
  const calls: TokenCalls = {
    openOwn: () => 1,
    restrict: (_token, restricting) => {
      asked.push([...restricting]);
      return 2;
    },
    read: (token) => (token === 1 ? OWN : made),
    setDefaultList: () => 0,
    protectOwnProcess: () => 0,
    ...changes,
  };
  return { calls, asked };
}
const bytes = (text: string): Buffer => Buffer.from(text);

t.test(
  'writes are restricted by the capabilities, the logon and everyone; the user only where it is the own one',
  async (t) => {
    const { calls, asked } = fakeCalls();
    t.strictSame(restrictedToken([CAPABILITY], false, calls, bytes), { token: 2, logon: LOGON });
    t.strictSame(asked, [ASKED]);
    const own = { ...GOOD, restricting: [CAPABILITY, USER, LOGON, 'S-1-1-0'] };
    t.ok(restrictedToken([CAPABILITY, CAPABILITY], true, fakeCalls({}, own).calls, bytes));
  },
);

t.test('every failure refuses, and names what failed', async (t) => {
  const refused = (message: RegExp, changes: Partial<TokenCalls>, made: TokenFacts | null = GOOD): void => {
    t.throws(() => restrictedToken([CAPABILITY], false, fakeCalls(changes, made).calls, bytes), {
      code: 'sandbox.refused',
      message,
    });
  };
  refused(/cannot be opened \(os error 5\)/, { openOwn: () => -5 });
  refused(/token cannot be read/, { read: () => null });
  refused(/no logon of its own/, { read: () => ({ ...OWN, groups: [] }) });
  refused(/no restricted token/, { restrict: () => 0 });
  refused(/not restricted: its writes are not restricted; it has the privileges 33/, {}, OWN);
  refused(/closed to other commands \(os error 87\)/, { setDefaultList: () => 87 });
});

t.test('only the logon itself may open what it makes', async (t) => {
  t.equal(logonSid(OWN), LOGON);
  t.equal(logonSid({ ...OWN, groups: [] }), null);
  t.equal(ownList(LOGON), 'D:P(A;;GA;;;SY)(A;;GA;;;S-1-5-5-0-77)(A;;RC;;;OW)');
});
