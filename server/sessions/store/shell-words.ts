/** Command lines between their two spellings: rollouts hold the words, the protocol shows one line (spec/turns.md §4). */

/** One line; words that need it are quoted, with double quotes where a word holds a single one. */
export function joinWords(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** The words of a line that `joinWords` made; any other line that cannot be split is one word. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const character = line[i] as string;
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === "'" || character === '"') {
      const [text, end] = quoted(line, i, character);
      if (end === -1) return [line];
      word = (word ?? '') + text;
      i = end;
    } else if (character === '\\' && i + 1 < line.length) {
      word = (word ?? '') + line[++i];
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

const PLAIN = /^[\w@%+=:,./-]+$/;

function quote(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!word.includes("'")) return `'${word}'`;
  return `"${word.replace(/["\\$`]/g, '\\$&')}"`;
}

/** The text of a quoted stretch and where its closing quote stands; -1 when there is none. */
function quoted(line: string, open: number, mark: string): [string, number] {
  let text = '';
  for (let i = open + 1; i < line.length; i++) {
    const character = line[i] as string;
    if (character === mark) return [text, i];
    const next = line[i + 1];
    if (mark === '"' && character === '\\' && next !== undefined && /["\\$`]/.test(next)) {
      text += next;
      i++;
    } else {
      text += character;
    }
  }
  return ['', -1];
}
