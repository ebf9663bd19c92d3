import fc from 'fast-check';
import t from 'tap';
import { commandLine, environmentBlock } from '../../../../server/system/windows/streams/command-line.js';

t.test('words are quoted only as far as the C library needs it', async (t) => {
  const line = (...args: string[]): string => commandLine('C:\\a b\\x.exe', args, false);
  t.equal(line('plain', 'C:\\x\\'), '"C:\\a b\\x.exe" plain C:\\x\\');
  t.equal(line('', 'a b', 'a\tb'), '"C:\\a b\\x.exe" "" "a b" "a\tb"');
  t.equal(line('say "x"', 'a b\\', 'c\\"d'), '"C:\\a b\\x.exe" "say \\"x\\"" "a b\\\\" "c\\\\\\"d"');
  t.equal(commandLine('cmd.exe', ['/s', '/c', '"a b" c"'], true), 'cmd.exe /s /c "a b" c"', 'a line stays as it is');
});

t.test('every word comes back from the line', async (t) => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '"', '\\', 'é') });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      t.strictSame(parsed(commandLine('x', words, false)).slice(1), words);
    }),
  );
});

t.test('the environment is sorted without case and ends twice', async (t) => {
  const text = (env: Record<string, string>): string => environmentBlock(env).toString('utf16le');
  t.equal(text({ b: '2', A: '1', _c: '3' }), 'A=1\0b=2\0_c=3\0\0');
  t.equal(text({}), '\0\0');
});

/** The rules of "Parsing C command-line arguments", for words behind the program's name. */
function parsed(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let inQuotes = false;
  for (let i = 0; i < line.length;) {
    const backslashes = /^\\*/.exec(line.slice(i))![0].length;
    if (backslashes > 0 && line[i + backslashes] === '"') {
      word = (word ?? '') + '\\'.repeat(Math.floor(backslashes / 2));
      i += backslashes;
      if (backslashes % 2 === 1) {
        word += '"';
        i++;
      }
      continue;
    }
    const char = line[i++]!;
    if (char === '"') {
      inQuotes = !inQuotes;
      word ??= '';
    } else if (!inQuotes && (char === ' ' || char === '\t')) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return words;
}
