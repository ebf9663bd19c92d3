import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { isRef, marketSource } from '../../../server/plugins/install/marketplace-source.js';

t.test('folders and addresses of Git', (t) => {
  const read = (text: string, ref: string | null = null) => marketSource(text, '/work', ref);
  t.same(read('./team'), { kind: 'local', folder: path.resolve('/work', 'team') });
  t.same(read('/srv/team'), { kind: 'local', folder: path.resolve('/srv/team') });
  t.same(read('~/team'), { kind: 'local', folder: path.join(os.homedir(), 'team') });
  t.same(read('owner/repo'), { kind: 'git', url: 'https://github.com/owner/repo.git', ref: null });
  t.same(read('owner/repo@v1'), { kind: 'git', url: 'https://github.com/owner/repo.git', ref: 'v1' });
  t.same(read('https://h.test/x.git#main'), { kind: 'git', url: 'https://h.test/x.git', ref: 'main' });
  t.same(read('https://h.test/x.git', 'v2'), { kind: 'git', url: 'https://h.test/x.git', ref: 'v2' });
  t.same(read('file:///srv/x'), { kind: 'git', url: 'file:///srv/x', ref: null });
  t.same(read('git@h.test:a/b.git'), { kind: 'git', url: 'git@h.test:a/b.git', ref: null });
  t.end();
});

t.test('what runs a program, or is no address, is refused', (t) => {
  t.throws(() => marketSource(' ', '/', null), { message: 'marketplace source must not be empty' });
  for (const text of [
    'ext::sh -c x',
    'https://',
    '--upload-pack=x',
    'a',
    'ssh://-oProxyCommand=x',
    'git@h.test:-x',
    'ftp://h.test/x',
  ])
    t.throws(
      () => marketSource(text, '/', null),
      { rpcCode: -32600, message: /^invalid marketplace source format/ },
      text,
    );
  for (const ref of ['-x', '--upload-pack=x', 'a..b', 'a b', ''])
    t.throws(() => marketSource('owner/repo', '/', ref), { message: /is no name of a branch/ }, ref);
  t.equal(isRef('feature/x-1.0'), true);
  t.end();
});
