import fc from 'fast-check';
import t from 'tap';
import { ALL_FILES, isDevicePath, POSIX_PATHS, WINDOWS_PATHS, withDrive } from '../../../server/system/files/paths.js';

const w = WINDOWS_PATHS;
const p = POSIX_PATHS;

t.test('Windows: the spellings of a path that the text shows are one', (t) => {
  const one = [
    'C:\\Work\\a',
    'c:\\work\\A',
    'C:/work/a',
    'C:\\work\\a\\',
    'C:\\work\\.\\a',
    'C:\\work\\b\\..\\a',
    'C:\\\\work\\\\a',
    '\\\\?\\C:\\work\\a',
    '\\\\.\\c:\\work\\a',
    '//?/C:/work/a',
    '\\??\\C:\\work\\a',
    'C:\\work.\\a',
    'C:\\work\\a. .',
    'C:\\work\\a ',
  ];
  for (const spelling of one) {
    t.equal(w.key(spelling), 'C:\\WORK\\A', spelling);
    t.ok(w.same(spelling, 'C:\\work\\a'));
    t.ok(w.covers('c:/WORK', spelling));
    t.ok(w.covers(ALL_FILES, spelling));
    t.notOk(w.covers('C:\\wor', spelling));
    t.notOk(w.covers('D:\\work', spelling));
  }
  t.equal(w.normal('\\\\?\\UNC\\host\\share\\a\\'), '\\\\host\\share\\a');
  t.ok(w.same('\\\\HOST\\Share\\a', '//host/share/A'));
  t.equal(w.normal('c:\\'), 'C:\\');
  t.end();
});

t.test('Windows: two files are never one because of letters that other rules join', (t) => {
  for (const [one, other] of [
    ['C:\\stra\u00dfe', 'C:\\strasse'],
    ['C:\\\u0131', 'C:\\I'],
    ['C:\\\u017f', 'C:\\S'],
    ['C:\\\ufb01', 'C:\\fi'],
    ['C:\\...', 'C:\\'],
  ] as const) {
    t.notOk(w.same(one, other), `${one} ${other}`);
  }
  t.ok(w.same('C:\\\u00e4', 'C:\\\u00c4'));
  t.end();
});

t.test('Windows: a path names one place only with a drive or a share', (t) => {
  for (const yes of ['C:\\', 'c:/x', '\\\\host\\share', '//host/share/x', '\\\\?\\C:\\x', '\\\\?\\UNC\\h\\s'])
    t.ok(w.isAbsolute(yes), yes);
  for (const no of ['', '/', '\\', '/x', '\\x', 'C:', 'C:x', 'x', '..', '~', '~\\x', '\\\\host'])
    t.notOk(w.isAbsolute(no), no);
  t.end();
});

t.test('every climb ends above all roots', (t) => {
  for (const [start, steps] of [
    ['C:\\a\\b', 3],
    ['C:\\', 1],
    ['\\\\host\\share\\a', 2],
    ['\\\\host\\share\\', 1],
    [ALL_FILES, 0],
  ] as const) {
    let count = 0;
    for (let at: string = start; at !== ALL_FILES; at = w.above(at)) count++;
    t.equal(count, steps, start);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const system of [w, p]) {
        let at = system.native.resolve(text);
        for (let left = text.length + 50; at !== ALL_FILES; at = system.above(at)) if (left-- === 0) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('Windows: the normal form is a fixed point, and a folder covers what is joined to it', (t) => {
  const name = fc.stringMatching(/^[a-zA-Z0-9 ._~\u00e4\u00c4-]{1,9}$/);
  const place = fc
    .tuple(fc.constantFrom('C:\\', 'd:/', '\\\\host\\share\\', '\\\\?\\C:\\'), fc.array(name, { maxLength: 5 }))
    .map(([root, names]) => root + names.join('\\'));
  fc.assert(
    fc.property(place, name, (folder, child) => {
      const normal = w.normal(folder);
      t.equal(w.normal(normal), normal);
      if (/^[. ]+$/.test(child)) return;
      t.ok(w.covers(folder, w.native.join(normal, child)));
      t.ok(w.same(folder, w.native.join(normal, child, '..')));
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('~ stands for the home, with the separators of the system', (t) => {
  t.equal(w.inHome('~', 'C:\\me'), 'C:\\me');
  t.equal(w.inHome('~\\x', 'C:\\me'), 'C:\\me\\x');
  t.equal(w.inHome('~/x/y', 'C:\\me'), 'C:\\me\\x\\y');
  t.equal(w.inHome('~x', 'C:\\me'), null);
  t.equal(p.inHome('~/x', '/me'), '/me/x');
  t.equal(p.inHome('~\\x', '/me'), null);
  t.end();
});

t.test('Windows: devices and streams are no files; elsewhere these are names', (t) => {
  for (const device of [
    'NUL',
    'C:\\work\\nul',
    'C:\\work\\con.txt',
    'C:/work/COM1',
    'C:\\work\\aux .x',
    'C:\\work\\lpt9:',
    'C:\\work\\COM\u00b9',
    'C:\\CONIN$',
    '\\\\.\\pipe\\x',
    '\\\\.\\PhysicalDrive0',
    '\\\\?\\GLOBALROOT\\Device\\x',
    '//?/Volume{0}/x',
    '\\??\\pipe\\x',
    'C:\\work\\a.txt:stream',
    'C:\\work\\a::$DATA',
    'C:\\nul\\a',
    '\\\\?\\C:\\a.',
  ]) {
    t.ok(isDevicePath(device, w), device);
    t.notOk(isDevicePath(device, p));
  }
  for (const file of [
    'C:\\work\\console',
    'C:\\work\\null',
    'C:\\com10',
    '\\\\?\\C:\\work',
    '\\\\host\\share\\a',
    'C:\\',
  ])
    t.notOk(isDevicePath(file, w), file);
  t.end();
});

t.test('POSIX: plain texts', (t) => {
  t.equal(p.key('/a//b'), '/a//b');
  t.notOk(p.same('/a', '/A'));
  t.ok(p.isWithin('/a/b', '/a'));
  t.ok(p.isWithin('/a', '/'));
  t.notOk(p.isWithin('/ab', '/a'));
  t.equal(p.normal('/a/../b//c/'), '/b/c');
  t.equal(p.normal('/'), '/');
  t.same(p.parts('/a/./b//c'), { root: '/', names: ['a', 'b', 'c'] });
  t.equal(p.nameKey('a. '), 'a. ');
  t.end();
});

t.test('a stored path without a drive is on the drive of the working folder', async (t) => {
  t.equal(withDrive('/tmp/x'), process.platform === 'win32' ? `${process.cwd().slice(0, 2)}\\tmp\\x` : '/tmp/x');
  for (const kept of ['C:\\x', '\\\\server\\share', '//server/share', 'x']) t.equal(withDrive(kept), kept);
});
