import { execaSync } from 'execa';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import t from 'tap';
import { withRoot } from '../../../server/sandbox/linux/java-roots.js';
import { testAuthority } from '../../network-approval/support/certificates.js';

const HEADER = 'feedfeed0000000200000000';
/** Java's own list without an entry: its digest with `changeit`. */
const EMPTY = Buffer.from(`${HEADER}e2686e45fb43dfa4d992dd41ceb6b21c6330d792`, 'hex');

t.test('one entry more, and lists without an entry are lists', (t) => {
  const list = withRoot(EMPTY, Buffer.from('der'), 'x');
  const entry = '00000002' + '000178' + '0000000000000000' + '0005582e353039' + '00000003646572';
  t.equal(list?.toString('hex', 0, list.length - 20), `feedfeed0000000200000001${entry}`);
  const twice = list === null ? null : withRoot(list, Buffer.from('der'), 'y');
  t.equal(twice?.readUInt32BE(8), 2, 'its digest is right');
  t.end();
});

t.test('a list of another form, with another password, or cut off stays', (t) => {
  const others = ['', '30820122', `${HEADER}${'00'.repeat(20)}`, EMPTY.toString('hex', 0, 31)];
  for (const other of others) t.equal(withRoot(Buffer.from(other, 'hex'), Buffer.from('der'), 'x'), null);
  t.end();
});

t.test('Java reads the list, and every certificate of it', (t) => {
  const keytool = ['/usr/bin/keytool'].find((file) => fs.existsSync(file));
  if (keytool === undefined) {
    t.pass('', { skip: 'needs keytool (a JDK)' });
    return t.end();
  }
  const folder = t.testdir();
  const der = (name: string): Buffer => {
    const { raw } = new X509Certificate(fs.readFileSync(testAuthority(t).file));
    fs.writeFileSync(`${folder}/${name}`, raw);
    return raw;
  };
  der('first.der');
  const run = (...args: string[]) =>
    execaSync(keytool, [...args, '-keystore', `${folder}/list`, '-storepass', 'changeit'], { reject: false });
  const made = run('-importcert', '-noprompt', '-storetype', 'JKS', '-alias', 'first', '-file', `${folder}/first.der`);
  t.equal(made.exitCode, 0, made.stderr);
  const second = der('second.der');
  const changed = withRoot(fs.readFileSync(`${folder}/list`), second, 'second');
  if (changed === null) throw new Error('keytool’s own list was not read');
  fs.writeFileSync(`${folder}/list`, changed);
  t.match(run('-list').stdout, /contains 2 entries/);
  const exported = run('-exportcert', '-alias', 'second', '-file', `${folder}/out`);
  t.equal(exported.exitCode, 0, exported.stderr);
  t.ok(fs.readFileSync(`${folder}/out`).equals(second));
  t.end();
});
