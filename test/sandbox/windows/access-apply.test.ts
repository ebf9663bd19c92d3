import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { applyAccess, removeAccess } from '../../../server/sandbox/windows/access-apply.js';
import type { AccessEntry, AccessPlan } from '../../../server/sandbox/windows/access-list.js';
import { key } from '../../../server/sandbox/windows/access-list.js';
import { readRecord } from '../../../server/sandbox/windows/access-record.js';
import { RIGHTS } from '../../../server/system/windows/sddl.js';
import { onWindows } from '../../fixtures/windows.js';
import { fakeLists } from './fake-lists.js';

const GROUP = 'S-1-5-21-1-2-3-1003';

function place(t: Test) {
  const root = fs.realpathSync.native(
    t.testdir({ home: { '.codexd-sandbox': {} }, work: { git: {}, 'x.txt': '' }, secret: {} }),
  );
  const work = path.join(root, 'work');
  const lists = fakeLists((at) => fs.existsSync(at));
  const options = { codexHome: path.join(root, 'home'), group: GROUP, lists };
  const at = (name: string): string => lists.explicit.get(key(path.join(root, name))) ?? '';
  return { root, work, lists, options, at };
}

const entry = (at: string, effect: 'allow' | 'deny', to: 'group' | number, mask: number): AccessEntry => ({
  path: at,
  effect,
  to,
  mask,
  inheritance: 'all',
});

const workspace = (work: string, name = 'one'): AccessPlan => ({
  capabilities: [name],
  entries: [
    entry(work, 'allow', 'group', RIGHTS.modify),
    entry(work, 'allow', 0, RIGHTS.modify),
    entry(path.join(work, 'git'), 'deny', 0, RIGHTS.change),
    entry(path.join(work, 'new'), 'deny', 0, RIGHTS.change),
    entry(path.join(work, 'x.txt'), 'deny', 0, RIGHTS.change),
  ],
  create: [path.join(work, 'new')],
});
const denying = (secret: string): AccessPlan => ({
  capabilities: [],
  entries: [entry(secret, 'deny', 'group', RIGHTS.all)],
  create: [],
});
const allowing = (secret: string): AccessPlan => ({
  capabilities: [],
  entries: [entry(secret, 'allow', 'group', RIGHTS.readAndExecute)],
  create: [],
});

t.test('a plan is applied once, with capabilities that stay, and its removal leaves nothing', async (t) => {
  const { root, work, lists, options, at } = place(t);
  const first = await applyAccess(workspace(work), options);
  const [sid = ''] = first.capabilities;
  t.equal(at('work/git'), `(D;OICI;0xd0156;;;${sid})`);
  t.equal(at('work/x.txt'), `(D;;0xd0156;;;${sid})`, 'a file passes nothing on');
  t.equal(at('work'), `(A;OICI;0x1301bf;;;${GROUP})(A;OICI;0x1301bf;;;${sid})`);
  t.ok(fs.statSync(path.join(work, 'new')).isDirectory(), 'what was missing is there, and protected');
  const writes = lists.writes.length;
  const second = await applyAccess(workspace(work), options);
  t.strictSame(second.capabilities, first.capabilities);
  t.equal(lists.writes.length, writes, 'nothing is written again');
  const other = await applyAccess(workspace(work, 'two'), options);
  t.not(other.capabilities[0], sid);
  t.match(at('work/git'), sid, 'another profile leaves it');
  lists.explicit.set(key(path.join(work, 'git')), `${at('work/git')}(A;;FA;;;BA)`);

  t.strictSame(await removeAccess(options), []);
  t.equal(at('work/git'), '(A;;FA;;;BA)', "other programs' entries stay");
  t.equal(at('work'), '');
  t.notOk(fs.existsSync(path.join(work, 'new')));
  t.strictSame(await removeAccess(options), [], 'a second removal has nothing to do');
  t.notOk(fs.existsSync(path.join(root, 'home', '.codexd-sandbox', 'access.json')));
});

t.test('a command without its wall is refused, and the record knows what was begun', async (t) => {
  for (const how of ['error', 'nothing'] as const) {
    const { work, lists, options } = place(t);
    const git = path.join(work, 'git');
    lists.failing = { place: git, how };
    const message =
      how === 'error' ? /git cannot be made: .*os error 5/ : /git cannot be made: Windows reported success/;
    await t.rejects(applyAccess(workspace(work), options), { code: 'sandbox.refused', message });
    t.ok(readRecord(options.codexHome).paths.some((known) => key(known) === key(git)));
    lists.failing = null;
    await applyAccess(workspace(work), options);
    lists.failing = { place: git, how };
    t.match((await removeAccess(options)).join(), /git/, 'a removal says where it failed');
    lists.failing = null;
    t.strictSame(await removeAccess(options), [], 'and is completed later');
    t.equal([...lists.explicit.values()].join(''), '');
  }
});

t.test('a denial holds while a command needs it, and goes afterwards', async (t) => {
  const { root, options, at } = place(t);
  const secret = path.join(root, 'secret');
  const first = await applyAccess(denying(secret), options);
  const second = await applyAccess(denying(secret), options);
  await applyAccess(allowing(secret), options);
  t.match(at('secret'), /^\(D;OICI;0x1f01ff;/, 'both run');
  first.release();
  first.release();
  await applyAccess(allowing(secret), options);
  t.match(at('secret'), /^\(D;OICI;0x1f01ff;/, 'one runs');
  second.release();
  await applyAccess(allowing(secret), options);
  t.equal(at('secret'), `(A;OICI;0x1200a9;;;${GROUP})`);
  t.strictSame(readRecord(options.codexHome).denied, {});
});

t.test(
  'a path that has become a link is refused',
  { skip: process.platform === 'win32' ? 'Wine has no links' : false },
  async (t) => {
    const { root, work, options } = place(t);
    fs.rmdirSync(path.join(work, 'git'));
    fs.symlinkSync(path.join(root, 'secret'), path.join(work, 'git'));
    await t.rejects(applyAccess(workspace(work), options), { code: 'sandbox.refused', message: /has become a link/ });
  },
);

t.test('entries for users that are not set up are refused', async (t) => {
  const { work, options } = place(t);
  await t.rejects(applyAccess(workspace(work), { ...options, group: null }), { message: /not set up/ });
});

t.test('applications at the same time do not lose entries', async (t) => {
  const { work, options } = place(t);
  const all = await Promise.all(['a', 'b', 'c', 'd'].map((name) => applyAccess(workspace(work, name), options)));
  const sids = all.flatMap(({ capabilities }) => capabilities);
  t.equal(new Set(sids).size, 4);
  t.equal(Object.keys(readRecord(options.codexHome).capabilities).length, 4);
});

t.test('where Windows keeps no lists the command is refused with the path', onWindows, async (t) => {
  const { fileLists } = await import('../../../server/sandbox/windows/file-lists.js');
  const { work, options } = place(t);
  // Wine keeps the owner's and everyone's bits, and reports success for all.
  await t.rejects(applyAccess(workspace(work), { ...options, lists: fileLists }), {
    code: 'sandbox.refused',
    message: /the access list of .*work cannot be made/,
  });
});
