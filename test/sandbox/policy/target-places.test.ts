import t from 'tap';
import { targetPlaces, temporaryPlaces } from '../../../server/sandbox/policy/target-places.js';
import { POSIX_PATHS, WINDOWS_PATHS } from '../../../server/system/files/paths.js';

const EMPTY = { workspaceRoots: [], env: {} };

t.test('what the special names mean on each system', (t) => {
  t.same(targetPlaces({ kind: 'slashTmp' }, EMPTY, POSIX_PATHS), ['/tmp']);
  t.same(targetPlaces({ kind: 'slashTmp' }, EMPTY, WINDOWS_PATHS), []);
  t.same(targetPlaces({ kind: 'root' }, EMPTY, WINDOWS_PATHS), ['/']);
  t.ok(targetPlaces({ kind: 'minimal' }, EMPTY, POSIX_PATHS).includes('/usr'));
  t.ok(targetPlaces({ kind: 'minimal' }, EMPTY, WINDOWS_PATHS).some((place) => /^[A-Z]:\\Windows$/.test(place)));
  const roots = { workspaceRoots: ['D:\\a', 'C:/b'], env: {} };
  t.same(targetPlaces({ kind: 'workspaceRoots', subpath: 'x/y' }, roots, WINDOWS_PATHS), [
    'D:\\a\\x\\y',
    'C:\\b\\x\\y',
  ]);
  t.end();
});

t.test('temporary folders are absolute, and each is named once', (t) => {
  t.same(temporaryPlaces({ TMPDIR: '/t', TEMP: '/other' }, POSIX_PATHS), ['/t']);
  t.same(temporaryPlaces({ TMPDIR: 't' }, POSIX_PATHS), []);
  t.same(temporaryPlaces({ Tmp: 'C:\\t', TEMP: 'C:\\t', TMPDIR: '\\t' }, WINDOWS_PATHS), ['C:\\t']);
  t.end();
});
