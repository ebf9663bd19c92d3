/** Files of editors on every system. */
import t from 'tap';
import { textOfBytes } from '../../../server/system/files/text-of-bytes.js';

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

for (const [name, bytes, text] of [
  ['plain', Buffer.from('Grüße 🙂'), 'Grüße 🙂'],
  ['a mark', Buffer.from('\ufeffGrüße'), 'Grüße'],
  ['a second mark is text', Buffer.from('\ufeff\ufeffx'), '\ufeffx'],
  ['UTF-16, little end first', Buffer.from('\ufeffGrüße 🙂', 'utf16le'), 'Grüße 🙂'],
  ['UTF-16, big end first', swapped(Buffer.from('\ufeffGrüße 🙂', 'utf16le')), 'Grüße 🙂'],
  ['nothing', Buffer.alloc(0), ''],
  ['one byte', Buffer.from([0xff]), '\ufffd'],
  ['Latin-1', Buffer.from('é', 'latin1'), '\ufffd'],
] as const)
  t.equal(textOfBytes(bytes), text, name);

t.equal(textOfBytes(Buffer.from('aé').subarray(0, 2), { cut: true }), 'a');
t.equal(textOfBytes(Buffer.from('\ufeffab', 'utf16le').subarray(0, 5), { cut: true }), 'a');
