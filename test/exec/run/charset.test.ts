import t from 'tap';
import { decodeOutput } from '../../../server/exec/run/charset.js';

t.test('UTF-8 is unchanged', async (t) => {
  for (const text of ['', 'plain', 'é€😀', 'a\0b\u001b[0m\r\n', '\ufeffhi']) {
    t.equal(decodeOutput(Buffer.from(text), false), text, JSON.stringify(text));
  }
});

t.test('other charsets are recognised by their text', async (t) => {
  // Bytes as written by iconv(1).
  const rows: readonly (readonly [hex: string, text: string, why: string])[] = [
    ['636166e92064e96ae0207675', 'café déjà vu', 'Western European: accents between plain letters'],
    ['cff0e8e2e5f2', 'Привет', 'windows-1251: a word of Cyrillic, a capital and small letters'],
    ['f0d2c9d7c5d4', 'Привет', 'KOI8-R: the same bytes in windows-1251 have the case the wrong way round'],
    ['8fe0a8a2a5e2', 'Привет', 'IBM 866, the consoles of Windows'],
    ['61fffe62', 'aÿþb', 'not a byte-order mark in the middle of text'],
    ['e9', 'é', 'a lone byte is Western European'],
    ['82b182f182c982bf82cd', 'こんにちは', 'Shift_JIS'],
    ['c4e3bac3', '你好', 'GBK'],
    ['be c8 b3 e7'.replaceAll(' ', ''), '안녕', 'EUC-KR'],
    ['9371756f7465649420', '“quoted” ', 'the typographic signs of windows-1252'],
  ];
  for (const [hex, text, why] of rows) t.equal(decodeOutput(Buffer.from(hex, 'hex'), false), text, why);
});

t.test('a cut inside a character affects only that character', async (t) => {
  const bytes = Buffer.from('é'.repeat(1000));
  t.equal(decodeOutput(bytes.subarray(0, 1001), true), 'é'.repeat(500));
  t.equal(decodeOutput(Buffer.from('ab€').subarray(0, 4), true), 'ab', 'two of three bytes');
  t.equal(decodeOutput(Buffer.from('ab😀').subarray(0, 5), true), 'ab', 'three of four bytes');
  t.not(decodeOutput(Buffer.from('ab\xc3', 'latin1'), false), 'ab', 'uncut, the byte is somebody’s letter');
});

t.test('no input bytes give U+FFFD', async (t) => {
  for (let seed = 1; seed <= 200; seed++) {
    const bytes = Buffer.from(Array.from({ length: seed % 40 }, (_, index) => (seed * 7919 + index * 104729) % 256));
    t.notOk(decodeOutput(bytes, seed % 2 === 0).includes('\ufffd'), bytes.toString('hex'));
  }
});
