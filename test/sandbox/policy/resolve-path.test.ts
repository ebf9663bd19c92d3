import t from 'tap';
import { createPathResolver } from '../../../server/sandbox/policy/resolve-path.js';
import { ALL_FILES } from '../../../server/system/files/paths.js';
import { DISK } from './windows-disk.js';

t.test('a resolver knows drives, shares and junctions of shares', (t) => {
  const resolve = createPathResolver(DISK);
  t.match(resolve('//HOST/share/TEAM/x'), { real: '\\\\host\\share\\team\\x', kind: 'missing' });
  t.match(resolve('c:\\work\\away'), { real: 'D:\\data', kind: 'folder', links: [{ at: 'C:\\work\\away' }] });
  t.match(resolve(ALL_FILES), { real: ALL_FILES, kind: 'folder' });
  t.match(resolve('C:\\Users\\me\\.codex\\x'), { kind: 'missing', missingFrom: null });
  t.end();
});
