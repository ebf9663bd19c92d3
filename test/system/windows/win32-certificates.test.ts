import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { systemRootCertificates } from '../../../server/system/windows/win32-certificates.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => systemRootCertificates(), { code: 'machine.native-module' });
});

t.test('every root is a certificate', onWindows, async (t) => {
  const roots = systemRootCertificates();
  t.ok(roots.length > 0);
  for (const der of roots) t.ok(new X509Certificate(der).subject);
});
