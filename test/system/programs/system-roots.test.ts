import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { HAS_ROOT_STORE, rootsInStore } from '../../../server/system/programs/system-roots.js';
import { systemRootCertificates } from '../../../server/system/windows/win32-certificates.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is no store', notOnWindows, async (t) => {
  t.equal(HAS_ROOT_STORE, false);
  t.throws(() => systemRootCertificates(), { code: 'machine.native-module' });
});

t.test('Node is asked first, then Windows', onWindows, async (t) => {
  t.equal(await rootsInStore(() => ['one', 'two']), 'one\ntwo');
  const stored = systemRootCertificates();
  const text = await rootsInStore(() => []);
  t.equal(text.match(/BEGIN CERTIFICATE/g)?.length ?? 0, stored.length);
  t.comment(`${stored.length} roots`);
  for (const der of stored) t.ok(new X509Certificate(der).subject);
  for (const one of text.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? []) t.ok(new X509Certificate(one));
});
