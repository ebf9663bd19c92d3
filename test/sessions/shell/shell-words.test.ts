import t from 'tap';
import { joinWords, splitWords } from '../../../server/sessions/shell/shell-words.js';

const SHELL = ['/bin/bash', '-lc'];

t.test('a command line is shown in the form that clients know', async (t) => {
  // The lines that the official program showed for these scripts.
  const rows: [script: string, line: string][] = [
    ['pwd', '/bin/bash -lc pwd'],
    ['exit 3', "/bin/bash -lc 'exit 3'"],
    ['kill -9 $$', "/bin/bash -lc 'kill -9 $$'"],
    ["printf 'a b'; echo err >&2", `/bin/bash -lc "printf 'a b'; echo err >&2"`],
    ['grep -E "^(A|B)"; echo $0', `/bin/bash -lc 'grep -E "''^(A|B)"; echo $0'`],
    ["head -c 9 /dev/zero | tr '\\0' x", `/bin/bash -lc "head -c 9 /dev/zero | tr '\\\\0' x"`],
    [`echo 'it'\\''s "q"' && ls`, `/bin/bash -lc "echo 'it'\\\\''s \\"q\\"' && ls"`],
  ];
  for (const [script, line] of rows) t.equal(joinWords([...SHELL, script]), line);
});

t.test('words that were joined are split again', async (t) => {
  for (const word of [
    '',
    'a',
    'a b',
    "it's",
    `"'`,
    "'$x'",
    '^a^',
    'a\\b',
    'é',
    '`x`',
    '!',
    'it\'s ^ \\ $ ` !\n\t"',
    '#',
  ]) {
    t.same(splitWords(joinWords([...SHELL, word, 'end'])), [...SHELL, word, 'end'], JSON.stringify(word));
  }
});
