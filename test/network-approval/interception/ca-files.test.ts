import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { createAuthority } from '../../../server/network-approval/interception/authority.js';
import { createCaFiles } from '../../../server/network-approval/interception/ca-files.js';
import { canonicalHost, type Host } from '../../../server/network-approval/decide/targets.js';
import { scratchFolder } from '../support/certificates.js';
import { startLimited } from '../support/limited.js';
import { policyOf } from '../support/policy.js';
import { register, startService } from '../support/service.js';

const LIMITED = policyOf({ 'ok.test': 'allow' }, { mode: 'limited' });
const CA_NAMES = [
  'CURL_CA_BUNDLE',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'BUNDLE_SSL_CA_CERT',
  'CODEX_CA_CERTIFICATE',
  'NPM_CONFIG_CAFILE',
  'npm_config_cafile',
];
const certificatesIn = (file: string): X509Certificate[] =>
  (fs.readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );

t.test('every CA variable names one bundle: the roots and the authority, readable, without a key', async (t) => {
  const { registration, codexHome, authority } = await startLimited(t);
  const environment = registration.lane?.environment ?? {};
  const [bundle = '', ...others] = new Set(CA_NAMES.map((name) => environment[name]));
  t.strictSame(others, []);
  t.match(bundle, new RegExp(`^${codexHome}/proxy/ca-bundle-[0-9a-f]{64}\\.pem$`));
  t.equal(fs.statSync(bundle).mode & 0o777, 0o644);
  const subjects = certificatesIn(bundle).map(({ subject }) => subject);
  t.ok(subjects.length > 2, 'the system’s');
  t.ok(subjects.includes('CN=test root'), 'the configured one');
  t.match(subjects.at(-1), /^CN=codexd network proxy CA\n/);
  for (const name of fs.readdirSync(path.join(codexHome, 'proxy'))) {
    t.notMatch(fs.readFileSync(path.join(codexHome, 'proxy', name), 'utf8'), /PRIVATE/, name);
  }
  t.ok(fs.existsSync(authority.file));
});

t.test('full mode sets no such variables, and creates no files', async (t) => {
  const codexHome = scratchFolder(t);
  const { service } = startService(t, { codexHome });
  const registration = await register(service);
  t.notOk(CA_NAMES.some((name) => name in (registration.lane?.environment ?? {})));
  t.strictSame(fs.readdirSync(codexHome), []);
  registration.finish({ treeGone: true });
});

t.test('commands share an authority; the daemon repairs the files before the next command', async (t) => {
  const codexHome = scratchFolder(t);
  const { service } = startService(t, { codexHome, environment: {} });
  const bundleOf = async (): Promise<string> => {
    const registration = await register(service, { policy: LIMITED });
    registration.finish({ treeGone: true });
    return registration.lane?.environment['SSL_CERT_FILE'] ?? '';
  };
  const bundle = await bundleOf();
  const text = fs.readFileSync(bundle, 'utf8');
  const elsewhere = path.join(codexHome, 'auth.json');
  fs.writeFileSync(elsewhere, 'secret');
  fs.rmSync(bundle);
  fs.symlinkSync(elsewhere, bundle);
  t.equal(await bundleOf(), bundle);
  t.equal(fs.readFileSync(bundle, 'utf8'), text);
  t.equal(fs.readFileSync(elsewhere, 'utf8'), 'secret', 'nothing is written through a link');
  fs.appendFileSync(bundle, 'x');
  await bundleOf();
  t.equal(fs.readFileSync(bundle, 'utf8'), text);
  await service.close();
  t.strictSame(fs.readdirSync(path.join(codexHome, 'proxy')), [], 'taken away at the end');
});

t.test('files of ended daemons are removed, others stay', async (t) => {
  const home = scratchFolder(t);
  const folder = path.join(home, 'proxy');
  fs.mkdirSync(folder);
  const name = (digit: string, kind = ''): string => path.join(folder, `ca-${kind}${digit.repeat(64)}.pem`);
  const namespace = fs.readlinkSync('/proc/self/ns/pid');
  const mark = (pid: number, start: string, ns = namespace): string =>
    `# codexd pid=${pid} start=${start} pidns=${ns}\n`;
  const start = fs.readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
  const rows: [file: string, text: string, stays: boolean, why: string][] = [
    [name('1'), mark(4_000_000, '1'), false, 'no such process'],
    [name('2', 'bundle-'), mark(process.pid, '1'), false, 'another process has the number now'],
    [name('3'), mark(process.pid, start), true, 'it runs'],
    [name('4'), mark(4_000_000, '1', 'pid:[1]'), true, 'it may run in another container'],
    [name('5'), '-----BEGIN', true, 'not ours: the reference keeps its files here too'],
    [path.join(folder, 'notes.pem'), mark(4_000_000, '1'), true, 'another name'],
  ];
  for (const [file, text] of rows) fs.writeFileSync(file, text);
  fs.symlinkSync(name('1'), name('6'));
  createCaFiles(home, (await createAuthority()).certificate, 'roots').remove();
  for (const [file, , stays, why] of rows) t.equal(fs.existsSync(file), stays, why);
  t.ok(fs.lstatSync(name('6')).isSymbolicLink(), 'a link is left alone');
});

t.test(
  'without the needed files the command is refused; the error names the setting, the value and the remedy',
  async (t) => {
    const home = scratchFolder(t);
    const file = path.join(home, 'not-a-bundle.pem');
    fs.writeFileSync(file, 'hello');
    const rows: [environment: Record<string, string>, message: RegExp][] = [
      [
        { CODEX_CA_CERTIFICATE: '/nowhere.pem' },
        /CODEX_CA_CERTIFICATE names \/nowhere\.pem, which cannot be read \(ENOENT\)\. Correct/,
      ],
      [{ SSL_CERT_FILE: file }, /SSL_CERT_FILE names .*not-a-bundle\.pem, which holds no PEM certificate\. Correct/],
    ];
    for (const [environment, message] of rows) {
      const { service } = startService(t, { codexHome: home, environment });
      await t.rejects(register(service, { policy: LIMITED }), { code: 'network.interception', message });
      const full = await register(service);
      full.finish({ treeGone: true });
    }
    fs.rmSync(path.join(home, 'proxy'), { recursive: true, force: true });
    fs.symlinkSync('/tmp', path.join(home, 'proxy'));
    const { service } = startService(t, { codexHome: home, environment: {} });
    await t.rejects(register(service, { policy: LIMITED }), /proxy is not a folder\. Remove it/);
    fs.rmSync(path.join(home, 'proxy'));
    (await register(service, { policy: LIMITED })).finish({ treeGone: true });
    t.pass('the next command tries again');
  },
);

t.test('a certificate is created once per host, and differs between hosts', async (t) => {
  const authority = await createAuthority();
  const host = (text: string): Host => {
    const found = canonicalHost(text);
    if (found === null) throw new Error(`no host: ${text}`);
    return found;
  };
  const first = await authority.credentialsFor(host('a.test'));
  t.equal(await authority.credentialsFor(host('A.test.')), first);
  const names = await Promise.all(
    ['a.test', `${'x'.repeat(63)}.${'y'.repeat(63)}.test`, '127.0.0.1', '::1'].map(async (text) => {
      const { cert } = await authority.credentialsFor(host(text));
      const certificate = new X509Certificate(cert);
      t.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey), text);
      t.ok(net.isIP(text) === 0 ? certificate.checkHost(text) : certificate.checkIP(text), text);
      return certificate.serialNumber;
    }),
  );
  t.equal(new Set(names).size, names.length);
  for (let i = 0; i < 300; i++) void authority.credentialsFor(host(`h${i}.test`));
  t.not(await authority.credentialsFor(host('a.test')), first, 'the list is bounded: the oldest went');
});
