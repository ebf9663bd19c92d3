/** The documents use no phrase of scripts/lint/plain-words.mjs; eslint checks comments and titles of tests. */
import fs from 'node:fs';
import path from 'node:path';
import { Linter, type Rule } from 'eslint';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

const { PHRASES, phrasesIn, plainWordsRule } = (await import(path.resolve('scripts/lint/plain-words.mjs'))) as {
  readonly PHRASES: readonly { readonly phrase: RegExp; readonly instead: string }[];
  phrasesIn(text: string): { readonly found: string; readonly index: number }[];
  readonly plainWordsRule: Rule.RuleModule;
};

const pages = [
  ...fs.readdirSync(packageRoot(), { encoding: 'utf8' }),
  ...fs
    .readdirSync(path.join(packageRoot(), 'docs'), { encoding: 'utf8', recursive: true })
    .map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

t.test('no document has one of the phrases', async (t) => {
  const found = pages.flatMap((page) => {
    const text = fs.readFileSync(path.join(packageRoot(), page), 'utf8');
    return phrasesIn(text).map(({ found, index }) => `${page}:${text.slice(0, index).split('\n').length}: ${found}`);
  });
  t.strictSame(found, []);
  t.ok(pages.length > 20, `${pages.length} pages were read`);
});

/** One example for each phrase, in its order. */
const EXAMPLES = [
  'a port that is none',
  'Whoever asks',
  'the client is told',
  'told of it',
  'hears of it',
  'it goes on',
  'made anew',
  'a word of ours',
  'and their like',
  'summed up',
  'is mended',
  'put aside',
  'to be had',
  'at hand',
  'has its say',
  'one road',
  'a passenger',
];

t.test('each phrase is found in a document, also over the end of a line, and not in code', async (t) => {
  t.equal(EXAMPLES.length, PHRASES.length, 'one for each');
  for (const [index, example] of EXAMPLES.entries()) {
    t.ok(PHRASES[index]?.phrase.test(example.toLowerCase()), example);
    t.equal(phrasesIn(`Text before. ${example}.`).length, 1, example);
    t.equal(phrasesIn(`Text.\n${example.replace(/ (?=\S+$)/, '\n * ')}.`).length, 1, `${example}, over two lines`);
    t.strictSame(phrasesIn(`The code \`${example}\`, and\n\`\`\`\n${example}\n\`\`\`\n`), [], `${example}, as code`);
  }
});

t.test('eslint finds them in comments and titles of tests, and in nothing else', async (t) => {
  const messages = (code: string): number =>
    new Linter().verify(code, [
      { plugins: { words: { rules: { plain: plainWordsRule } } }, rules: { 'words/plain': 'error' } },
    ]).length;
  for (const example of EXAMPLES) {
    t.equal(messages(`// ${example}\nlet x;\n`), 1, example);
    t.equal(messages(`/** Text: ${example}. */\nlet x;\n`), 1, example);
    t.equal(messages(`t.test('${example}', () => {});\n`), 1, example);
    t.equal(messages(`t.test(\`${example} \${x}\`, () => {});\n`), 1, example);
    t.equal(messages(`const text = '${example}'; // the text \`${example}\`\n`), 0, example);
  }
  t.equal(messages('// Whatever is\n// told of it is a phrase over two lines.\n'), 2);
});
