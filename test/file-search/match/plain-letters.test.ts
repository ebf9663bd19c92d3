import t from 'tap';
import { plainLetter } from '../../../server/file-search/match/plain-letters.js';

t.test('letters lose their accents, strokes and hooks', async (t) => {
  const plain = (text: string): string =>
    [...text].map((c) => String.fromCodePoint(plainLetter(c.codePointAt(0)!))).join('');
  t.equal(plain('äéñçạ'), 'aenca');
  t.equal(plain('øđłßıƒ'), 'odlsif');
  t.equal(plain('日αЖabc/'), '日αЖabc/');
  t.equal(plain('²₅'), '25');
});
