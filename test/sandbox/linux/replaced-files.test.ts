import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import t from 'tap';
import { replaced, replacedRoots } from '../../../server/sandbox/linux/replaced-files.js';
import { ROOT_FILES } from '../../../server/system/programs/system-roots.js';
import { testAuthority } from '../../network-approval/support/certificates.js';

const all = { sees: () => true };
const folder = { sharedFile: (content: string | Buffer): string => content.toString() };

t.test('a file is replaced where it really is, if the command sees it', (t) => {
  const root = fs.realpathSync(t.testdir({ file: 'a', link: t.fixture('symlink', 'file'), folder: {} }));
  const change = (content: Buffer): string => `${content.toString()}b`;
  t.strictSame(replaced(`${root}/link`, change, all, folder), { place: `${root}/file`, by: 'ab' });
  t.equal(
    replaced(`${root}/link`, () => null, all, folder),
    null,
  );
  const unseen = { sees: (place: string) => place !== `${root}/file` };
  t.equal(replaced(`${root}/link`, change, unseen, folder), null, 'not even read');
  t.equal(replaced(`${root}/folder`, change, all, folder), null);
  t.equal(replaced(`${root}/none`, change, all, folder), null);
  fs.truncateSync(`${root}/file`, 16 * 1024 * 1024 + 1);
  t.equal(replaced(`${root}/file`, change, all, folder), null, 'too long');
  t.end();
});

t.test('each list of root certificates of this system is replaced once, and Java’s has one more', (t) => {
  const authority = testAuthority(t).file;
  const real = ROOT_FILES.filter((file) => fs.existsSync(file)).map((file) => fs.realpathSync(file));
  const lists: Buffer[] = [];
  const kept = { sharedFile: (content: string | Buffer): string => `list ${lists.push(Buffer.from(content))}` };
  const files = replacedRoots({ bundle: '/bundle', authority }, all, kept);
  t.strictSame(
    files.filter(({ by }) => by === '/bundle'),
    [...new Set(real)].map((place) => ({ place, by: '/bundle' })),
  );
  const { raw } = new X509Certificate(fs.readFileSync(authority));
  t.equal(files.length, new Set(real).size + lists.length);
  t.ok(lists.every((list) => list.includes(raw)));
  t.strictSame(replacedRoots({ bundle: '/bundle', authority }, { sees: () => false }, kept), []);
  t.end();
});
