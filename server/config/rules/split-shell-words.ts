/**
 * Splits a command line as a shell does, without expansion; null: a quote or an escape has no end.
 */
export function shellWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === "'") {
      const end = line.indexOf("'", i + 1);
      if (end < 0) return null;
      word = (word ?? '') + line.slice(i + 1, end);
      i = end;
    } else if (char === '"') {
      const quoted = doubleQuoted(line, i + 1);
      if (quoted === null) return null;
      word = (word ?? '') + quoted.text;
      i = quoted.end;
    } else if (char === '\\') {
      if (++i >= line.length) return null;
      word = (word ?? '') + line.charAt(i);
    } else word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return words;
}

/** POSIX shell §2.2.3: inside double quotes a backslash escapes only `$`, a backtick, `"`, itself and a line's end. */
function doubleQuoted(line: string, from: number): { readonly text: string; readonly end: number } | null {
  let text = '';
  for (let i = from; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '"') return { text, end: i };
    const next = line[i + 1];
    if (char === '\\' && next !== undefined && '$`"\\\n'.includes(next)) {
      text += next === '\n' ? '' : next;
      i++;
    } else text += char;
  }
  return null;
}
