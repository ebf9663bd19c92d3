/**
 * Decodes the bytes that a command wrote: UTF-8 directly, other bytes through a guess at their charset
 * (docs/protocol/exec.md §4.1). The result never contains U+FFFD.
 *
 * The guess decodes with every charset that common tools still write, and takes the text that looks most like writing:
 * letters of one script side by side, capitals at the starts of words, common letters rather than rare signs. A few
 * words or more are guessed right. A single byte becomes the Western European letter.
 */
import { isUtf8 } from 'node:buffer';

/**
 * Decodes `bytes`. `cut`: further bytes were dropped, so an incomplete UTF-8 character at the end comes from the cut
 * and is removed.
 */
export function decodeOutput(bytes: Buffer, cut: boolean): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  if (cut) {
    const whole = bytes.subarray(0, bytes.length - incompleteTail(bytes));
    if (isUtf8(whole)) return whole.toString('utf8');
  }
  return guess(bytes);
}

/** Returns the number of bytes at the end that begin a UTF-8 character and do not finish it (RFC 3629 §3). */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** In order of preference among equal scores. Names of the WHATWG Encoding Standard. */
const CHARSETS = [
  'windows-1252',
  'windows-1251',
  'windows-1250',
  'iso-8859-2',
  'windows-1253',
  'koi8-r',
  'ibm866',
  'shift_jis',
  'euc-jp',
  'gbk',
  'big5',
  'euc-kr',
] as const;

/** The size of the sample for the guess: large enough for a verdict, small enough to be cheap. */
const SAMPLE_BYTES = 4096;

function guess(bytes: Buffer): string {
  const sample = sampleOf(bytes);
  let best: string = CHARSETS[0];
  let bestScore = -Infinity;
  for (const charset of CHARSETS) {
    const text = decode(sample, charset, true);
    const score = text === null ? -Infinity : plausibility(text);
    if (score > bestScore) [best, bestScore] = [charset, score];
  }
  // latin1 maps every byte to a character, so nothing is lost.
  return decode(bytes, best, true) ?? bytes.toString('latin1');
}

/** Starts shortly before the first byte outside ASCII, since only such bytes distinguish charsets. */
function sampleOf(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  const start = Math.max(0, first - 64);
  return bytes.subarray(start, start + SAMPLE_BYTES);
}

function decode(bytes: Buffer, charset: string, fatal: boolean): string | null {
  try {
    return new TextDecoder(charset, { fatal, ignoreBOM: true }).decode(bytes);
  } catch {
    return null; // The bytes are not of this charset.
  }
}

/**
 * Scores how much `text` looks like natural writing: points for each character outside ASCII, judged with its
 * neighbour.
 */
function plausibility(text: string): number {
  let score = 0;
  let counted = 0;
  let before = kindOf(' ');
  for (const character of text) {
    const kind = kindOf(character);
    if (character > '\x7f') {
      counted++;
      score += kind.points + fit(before, kind);
    } else if (before.foreign) score += fit(before, kind);
    before = kind;
  }
  return counted ? score / counted : 0;
}

interface Kind {
  readonly script: 'latin' | 'cyrillic' | 'greek' | 'asian' | 'none';
  readonly capital: boolean;
  /** Not in ASCII. */
  readonly foreign: boolean;
  /** The frequency score of the character alone. */
  readonly points: number;
}

/** The points for `kind` after `before` within a word. */
function fit(before: Kind, kind: Kind): number {
  if (before.script === 'none' || kind.script === 'none') return 0;
  if (before.script !== kind.script) return -6;
  if (kind.capital && !before.capital) return -6;
  // Accented Latin letters stand alone between plain letters; other scripts form whole words.
  if (kind.script === 'latin') return before.foreign && kind.foreign ? -2 : 1;
  return 2;
}

function kindOf(character: string): Kind {
  const foreign = character > '\x7f';
  const lower = character.toLowerCase();
  const capital = lower !== character;
  const script = scriptOf(character);
  return { script, capital, foreign, points: foreign ? pointsOf(character, lower, script) : 0 };
}

function scriptOf(character: string): Kind['script'] {
  if (/\p{Script=Latin}/u.test(character)) return 'latin';
  if (/\p{Script=Cyrillic}/u.test(character)) return 'cyrillic';
  if (/\p{Script=Greek}/u.test(character)) return 'greek';
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(character) ? 'asian' : 'none';
}

/** Frequent letters of the languages of these charsets. */
const COMMON =
  /[éèêàâçùûîôäöüßáíóúñãõåæøąęłńśźżčšžěřůýőűоеаинтсрвлкмдпуыяьгзбчйхжшюцщэфășțαοιετσνηυρπκμλςάέίόώή。、・ー]/u;
/** Typographic signs that real Western texts use. */
const SIGNS = /[‘’“”–—…€«»°§©®£¿¡·№±²³½µ×]/u;

function pointsOf(character: string, lower: string, script: Kind['script']): number {
  if (/\p{C}/u.test(character)) return -20;
  if (COMMON.test(lower)) return 3;
  if (SIGNS.test(character)) return 3;
  if (script === 'asian') return asianPoints(character);
  return script === 'none' ? -2 : 0;
}

/** Kana and hangul are certain signs. Everyday ideographs are in the first level of each standard. */
function asianPoints(character: string): number {
  if (/[\uff61-\uff9f]/.test(character)) return -3; // half-width katakana: rare, but any two bytes can look like it
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(character)) return 4;
  if (/\p{Script=Hangul}/u.test(character)) return 2;
  return EVERYDAY_IDEOGRAPHS.test(character) ? 5 : 1;
}
const EVERYDAY_IDEOGRAPHS =
  /[的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面起公同三已老从动两長時國會來學為這個們說對過後發無開現間語東京都市新日本語水火木金土表示文字漢字件名前錯誤錯误找到檔案文件目录目錄]/u;
