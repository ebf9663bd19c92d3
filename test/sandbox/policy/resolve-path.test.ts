import t from 'tap';
import { createPathResolver } from '../../../server/sandbox/policy/resolve-path.js';
import { ALL_FILES } from '../../../server/system/files/paths.js';
import { DISK } from './windows-disk.js';

t.test('a long path without an end is no work without an end', (t) => {
  const resolve = createPathResolver(DISK);
  const deep = (count: number): string => `C:\\${'a\\'.repeat(count)}b`;
  const long = deep(1000);
  t.match(resolve(long), { kind: 'missing', missingFrom: 'C:\\a' });
  t.equal(resolve(long.toUpperCase()).real, resolve(long).real);
  t.throws(() => resolve(deep(12_000)), { code: 'sandbox.refused' });
  t.end();
});

t.test('a resolver knows drives, shares and junctions of shares', (t) => {
  const resolve = createPathResolver(DISK);
  t.match(resolve('//HOST/share/TEAM/x'), { real: '\\\\host\\share\\team\\x', kind: 'missing' });
  t.match(resolve('c:\\work\\away'), { real: 'D:\\data', kind: 'folder', links: [{ at: 'C:\\work\\away' }] });
  t.match(resolve(ALL_FILES), { real: ALL_FILES, kind: 'folder' });
  t.match(resolve('C:\\Users\\me\\.codex\\x'), { kind: 'missing', missingFrom: null });
  t.end();
});
