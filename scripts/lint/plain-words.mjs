/**
 * Words and phrases that comments, titles of tests and documents do not use: private metaphors, and forms that readers
 * of English as a second language have to read twice. Each has a plain word in its place.
 *
 * eslint checks comments and titles of tests, test/docs/plain-words.test.ts checks the documents. Code between
 * backquotes is not checked. A phrase enters the list only if it has no good use in this repository.
 */

/** @typedef {{ readonly phrase: RegExp, readonly instead: string }} Phrase */

/** @type {readonly Phrase[]} */
export const PHRASES = [
  { phrase: /\b(?:that|it|which|what) (?:is|are) none\b/, instead: '"that is not one", "invalid"' },
  { phrase: /\bwho(?:m)?ever\b/, instead: 'the noun: "the caller that", "every client that"' },
  {
    phrase: /\b(?:is|are|was|were|be|been|being) told\b(?! apart)/,
    instead: '"receives", "is notified", "is reported"',
  },
  { phrase: /\btold of\b/, instead: '"notified of", "reported"' },
  { phrase: /\bhears? of\b/, instead: '"receives", "is notified of"' },
  { phrase: /\bgo(?:es|ne)? on\b/, instead: '"continue"' },
  { phrase: /\ba(?:new|fresh)\b/, instead: '"again"' },
  { phrase: /\bof ours\b|\bours alone\b/, instead: '"of codexd", "only codexd"' },
  { phrase: /\b(?:and|or) (?:its|their|the) (?:like|kin)\b/, instead: '"and similar …"' },
  { phrase: /\bsum(?:s|med)? (?:it |them )?up\b/, instead: '"summarise"' },
  { phrase: /\bmend(?:s|ed)?\b/, instead: '"repair", "correct"' },
  { phrase: /\bput aside\b/, instead: '"rename", "store"' },
  { phrase: /\bto be had\b/, instead: '"available"' },
  { phrase: /\bat hand\b/, instead: '"available"' },
  { phrase: /\bha(?:s|ve) (?:its|their) say\b/, instead: '"is applied"' },
  { phrase: /\broads?\b/, instead: '"way", "path"' },
  { phrase: /\bpassengers?\b/, instead: 'the noun of the domain' },
];

/** Flags on each phrase: titles and sentences may begin with it. */
const PATTERNS = PHRASES.map(({ phrase, instead }) => ({ pattern: new RegExp(phrase.source, 'gi'), instead }));

/**
 * The phrases in a text, with their places. Line breaks count as blanks, with the marks of comment lines after them.
 * @param {string} text
 * @returns {{ found: string, instead: string, index: number }[]}
 */
export function phrasesIn(text) {
  const blank = (/** @type {string} */ part) => ' '.repeat(part.length);
  const plain = text.replace(/```[^]*?```|`[^`]*`/g, blank).replace(/\n[ \t]*(?:\*|\/\/|>)?[ \t]*/g, blank);
  return PATTERNS.flatMap(({ pattern, instead }) => {
    const spaced = new RegExp(pattern.source.replaceAll(' ', ' +'), 'gi');
    return [...plain.matchAll(spaced)].map(({ 0: found, index }) => ({
      found: found.replace(/ +/g, ' '),
      instead,
      index,
    }));
  });
}

/**
 * The rule for eslint.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const plainWordsRule = {
  create(context) {
    const source = context.sourceCode;
    /**
     * @param {string} text
     * @param {number} start the place of the text in the source
     */
    const check = (text, start) => {
      for (const { found, instead, index } of phrasesIn(text)) {
        const loc = source.getLocFromIndex(start + index);
        context.report({
          loc,
          message: `"${found}" is hard to read: write ${instead} (scripts/lint/plain-words.mjs).`,
        });
      }
    };
    return {
      Program() {
        // Neighbouring line comments are one text: a phrase may continue on the next line.
        for (const [start, end] of blocksOf(source)) check(source.text.slice(start, end), start);
      },
      CallExpression({ callee, arguments: [title] }) {
        if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
        if (callee.property.name !== 'test' || title?.range === undefined) return;
        if (title.type === 'Literal' || title.type === 'TemplateLiteral') {
          // Without the quotes: a template literal's are backquotes, which would make it code.
          const [start, end] = title.range;
          check(source.text.slice(start + 1, end - 1), start + 1);
        }
      },
    };
  },
};

/**
 * The ranges of comments, where line comments on consecutive lines are one.
 * @param {import('eslint').SourceCode} source
 * @returns {[number, number][]}
 */
function blocksOf(source) {
  /** @type {[number, number][]} */
  const blocks = [];
  for (const { type, range } of source.getAllComments()) {
    if (range === undefined) continue;
    const last = blocks.at(-1);
    const joins = type === 'Line' && last !== undefined && /^\r?\n[ \t]*$/.test(source.text.slice(last[1], range[0]));
    if (joins) last[1] = range[1];
    else blocks.push([...range]);
  }
  return blocks;
}
