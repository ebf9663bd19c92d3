import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createNameFiles } from '../../../server/sandbox/linux/judged-names.js';

const names = { server: '127.0.0.53', addresses: [] as readonly string[] };
const folder = { sharedFile: (text: string): string => text };

function place(t: Test, hosts: string) {
  const root = fs.realpathSync(t.testdir({ 'resolv.conf': 'nameserver 9.9.9.9\n', hosts }));
  return { resolver: path.join(root, 'resolv.conf'), hosts: path.join(root, 'hosts') };
}

t.test('the files are replaced where they really are, and only as far as the command sees them', (t) => {
  const system = place(t, '10.1.2.3 db.corp\n');
  const link = path.join(path.dirname(system.hosts), 'link');
  fs.symlinkSync(system.hosts, link);
  const files = createNameFiles({ ...system, hosts: link });
  const resolver = { place: system.resolver, by: 'nameserver 127.0.0.53\n' };
  const hosts = { place: system.hosts, by: '' };
  t.strictSame(files(names, { sees: () => true }, folder), [resolver, hosts]);
  t.strictSame(files(names, { sees: (file) => file === system.resolver }, folder), [resolver]);
  t.strictSame(files(names, { sees: () => false }, folder), []);
  fs.rmSync(system.resolver);
  t.strictSame(files(names, { sees: () => true }, folder), [hosts]);
  t.end();
});

t.test('a hosts file with nothing to leave out stays, and a change counts for the next command', (t) => {
  const system = place(t, '127.0.0.1 localhost\n');
  const files = createNameFiles(system);
  const hosts = (addresses: readonly string[] = []): string | undefined =>
    files({ ...names, addresses }, { sees: () => true }, folder)[1]?.by;
  t.equal(hosts(), undefined);
  fs.appendFileSync(system.hosts, '10.1.2.3 db.corp\n10.1.2.4 other.corp\n');
  t.equal(hosts(), '127.0.0.1 localhost\n');
  t.equal(hosts(['10.1.2.3']), '127.0.0.1 localhost\n10.1.2.3 db.corp\n', 'by the rules of each command');
  t.equal(hosts(), '127.0.0.1 localhost\n');
  t.end();
});
