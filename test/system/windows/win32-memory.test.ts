import t from 'tap';
import { addressIn, memory, wide } from '../../../server/system/windows/win32-memory.js';
import { functionsOf } from '../../../server/system/windows/win32-memory.js';
import { onWindows } from '../../fixtures/windows.js';

t.test('texts and addresses in buffers', async (t) => {
  t.equal(wide('aé').toString('hex'), '6100e9000000');
  const buffer = Buffer.alloc(16);
  buffer.writeBigInt64LE(0x7fff12345678n, 8);
  t.equal(addressIn(buffer), 0);
  t.equal(addressIn(buffer, 8), 0x7fff12345678);
});

t.test('memory of Windows is copied, read as text, and freed', onWindows, async (t) => {
  const { copy, text, free } = memory();
  t.equal(memory(), memory(), 'it is bound once');
  const allocate = functionsOf('kernel32.dll')('intptr_t __stdcall LocalAlloc(uint32_t flags, size_t bytes)');
  const zeroed = allocate(0x40, 16);
  t.strictSame(copy(zeroed, 16), Buffer.alloc(16));
  t.equal(text(zeroed), '');
  free(zeroed);
  t.equal(text(0), '', 'none');
  free(0);
  t.equal(copy(0, 0).length, 0);
});
