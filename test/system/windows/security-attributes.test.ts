import t from 'tap';
import { securityAttributes } from '../../../server/system/windows/security-attributes.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there is nothing to load', notOnWindows, async (t) => {
  t.throws(() => securityAttributes('D:P'), { code: 'machine.native-module' });
});

t.test('they name a descriptor', onWindows, async (t) => {
  const { bytes, descriptor } = securityAttributes('D:P(A;;GA;;;OW)');
  t.equal(bytes.readUInt32LE(0), bytes.length);
  t.not(bytes.readBigUInt64LE(8), 0n);
  t.equal(descriptor[0], 1, 'its revision');
  t.throws(() => securityAttributes('nonsense'), { code: 'unexpected' });
});
