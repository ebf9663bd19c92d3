/**
 * What code and tests say about a page of docs/protocol, or a case of docs/security-cases.md, is there under that
 * number.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

const FOLDERS = ['server', 'schema', 'clients', 'test', 'scripts', 'bin', 'packaging', 'bench'];
const GENERATED = new Set(['node_modules', 'dist', 'build', '.tap']);
const PAGES = 'docs/protocol';
const CASES = 'docs/security-cases.md';

interface Source {
  readonly file: string;
  readonly text: string;
  /** On one line, without the beginnings of comment lines: a citation may continue after the end of a line. */
  readonly flat: string;
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(path.join(packageRoot(), folder), { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && !GENERATED.has(entry.name)) yield* filesIn(file);
    else if (entry.isFile()) yield file;
  }
}

const read = (file: string): string => fs.readFileSync(path.join(packageRoot(), file), 'utf8');

const sources: readonly Source[] = FOLDERS.flatMap((folder) => [...filesIn(folder)])
  .filter((file) => !file.endsWith(path.join('docs', 'citations.test.ts')))
  .map((file) => ({ file, text: read(file) }))
  .filter(({ text }) => !text.includes('\0'))
  .map(({ file, text }) => ({ file, text, flat: text.replace(/\r?\n[ \t]*(?:\*(?!\/)|\/\/|#)?[ \t]*/g, ' ') }));

interface Heading {
  readonly number: string;
  readonly title: string;
}

/**
 * The numbered headings of a page; one without a number stands under the number above it. Null: there is no such page.
 */
function headingsOf(page: string): readonly Heading[] | null {
  if (!fs.existsSync(path.join(packageRoot(), page))) return null;
  let number = '';
  return [
    ...read(page)
      .replace(/^```[^]*?^```$/gm, '')
      .matchAll(/^#{2,5} (?:(\d+(?:\.\d+)*) )?(.*)$/gm),
  ].map(([, own, title = '']) => {
    number = own ?? number;
    return { number, title: title.replace(/`/g, '') };
  });
}

const known = new Map<string, readonly Heading[] | null>();
function pageHeadings(page: string): readonly Heading[] | null {
  if (!known.has(page)) known.set(page, headingsOf(page));
  return known.get(page) ?? null;
}

const SECTION = String.raw`§(?:\d+(?:\.\d+)*)(?: "[^"]*")?`;
const CITATION = new RegExp(
  String.raw`\b(docs/protocol/[a-z-]+\.md)((?: ${SECTION}(?:(?:, | and |, and | to |–)(?:${SECTION}|\d+(?:\.\d+)*(?![\w.])))*)?)`,
  'g',
);

/** The mistake in one citation; empty: none. */
function faultsOf(page: string, sections: string): string[] {
  const headings = pageHeadings(page);
  if (headings === null) return [`${page} does not exist`];
  return [...sections.matchAll(/(\d+(?:\.\d+)*)(?: "([^"]*)")?/g)].flatMap(([, number = '', title]) => {
    const here = headings.filter((heading) => heading.number === number || heading.number.startsWith(`${number}.`));
    if (here.length === 0) return [`${page} has no §${number}`];
    return title === undefined || here.some((heading) => heading.title === title)
      ? []
      : [`${page} §${number} has no heading "${title}"`];
  });
}

t.test('every cited section is a heading of its page', async (t) => {
  const found = sources.flatMap(({ file, flat }) =>
    [...flat.matchAll(CITATION)].map(([, page = '', sections = '']) => ({ file, faults: faultsOf(page, sections) })),
  );
  t.strictSame(
    found.filter(({ faults }) => faults.length > 0),
    [],
  );
  t.ok(found.length > 300, `${found.length} citations were looked at`);
});

t.test('a wrong citation is found', async (t) => {
  const faults = (text: string): string[] =>
    [...text.matchAll(CITATION)].flatMap(([, page = '', sections = '']) => faultsOf(page, sections));
  const page = (name: string): string => `${PAGES}/${name}.md`;
  t.strictSame(faults(`${page('exec')} §1.1, §6 and §6.1; ${page('exec')} §1 to §8; ${page('network')}`), []);
  t.strictSame(faults(`${page('nowhere')} §1`), ['docs/protocol/nowhere.md does not exist']);
  t.strictSame(faults(`${page('exec')} §1, §99`), ['docs/protocol/exec.md has no §99']);
  t.strictSame(faults(`${page('exec')} §1.9 and §2`), ['docs/protocol/exec.md has no §1.9']);
  t.strictSame(faults(`${page('exec')} §1–98`), ['docs/protocol/exec.md has no §98']);
  t.strictSame(faults(`${page('exec')} §5 "Nothing"`), ['docs/protocol/exec.md §5 has no heading "Nothing"']);
});

t.test('every § names its page', async (t) => {
  const OWNERS = /(?:docs\/protocol\/[a-z-]+\.md|RFC \d+|POSIX shell)[^§]*(?:§[^§]{0,40}){0,4}$/;
  const nameless = sources.flatMap(({ file, flat }) =>
    [...flat.matchAll(/§\d/g)]
      .filter(({ index }) => !OWNERS.test(flat.slice(Math.max(0, index - 160), index)))
      .map(({ index }) => `${file}: …${flat.slice(Math.max(0, index - 60), index + 20)}`),
  );
  t.strictSame(nameless, []);
});

t.test('no page outside of this repository is cited', async (t) => {
  const names = fs.readdirSync(path.join(packageRoot(), PAGES)).map((name) => name.replace(/\.md$/, ''));
  const stray = new RegExp(String.raw`\bspec/[a-z-]+\.md|(?<![\w/-])(?:${names.join('|')})\.md §`);
  t.strictSame(
    sources.flatMap(({ file, flat }) => (stray.exec(flat) ?? []).map((found) => `${file}: ${found}`)),
    [],
  );
  t.ok(names.includes('transport'), 'the pages were found');
});

t.test('pages cite existing sections of each other, and link to existing files and headings', async (t) => {
  for (const name of fs.readdirSync(path.join(packageRoot(), PAGES))) {
    const page = `${PAGES}/${name}`;
    const text = read(page).replace(/^```[^]*?^```$/gm, '');
    for (const [, target = '', section] of text.matchAll(/\]\(([^)\s]+)\)(?: §(\d+(?:\.\d+)*))?/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? page : path.posix.join(PAGES, file);
      const there = fs.existsSync(path.join(packageRoot(), place));
      t.ok(there, `${page}: ${target}`);
      if (there && anchor !== undefined) t.ok(anchorsOf(place).has(anchor), `${page}: ${target}`);
      if (section !== undefined) t.strictSame(faultsOf(place, `§${section}`), [], `${page}: ${target} §${section}`);
    }
  }
});

t.test('examples that are marked as JSON are JSON', async (t) => {
  for (const name of fs.readdirSync(path.join(packageRoot(), PAGES))) {
    for (const [, text = ''] of read(`${PAGES}/${name}`).matchAll(/^```json\n([^]*?)^```$/gm))
      t.doesNotThrow(() => JSON.parse(text), `${name}: ${text.slice(0, 60)}`);
  }
});

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );

t.test('every case in a test is on the page of security cases', async (t) => {
  const numbers = read(CASES).matchAll(/^(?:### (\d+)\b(?! Not assigned)|\| +(\d+) +\|)/gm);
  const cases = new Set([...numbers].map(([, heading, row]) => Number(heading ?? row)));
  t.ok(cases.size > 0, `${CASES} has ${cases.size} cases`);
  const named = sources
    .filter(({ file }) => file.startsWith(`test${path.sep}`))
    .flatMap(({ file, text }) => {
      // A line that begins with `case 1:` is of a switch.
      const without = text.replace(/^\s*case \d+:.*$/gm, '');
      const lists = without.matchAll(/\b[Cc]ases? (\d+(?:(?:, | and |, and | to |–)\d+)*)/g);
      return [...lists].map(([cited, list = '']) => ({ cited: `${file}: ${cited}`, numbers: numbersOf(list) }));
    });
  t.strictSame(
    named.filter(({ numbers }) => !numbers.every((number) => cases.has(number))),
    [],
  );
  t.ok(named.length > 50, `${named.length} of them were looked at`);
});

t.test('every test that the page of security cases quotes exists', async (t) => {
  const words = (text: string): string => text.replaceAll('\\', '').replace(/\s+/g, ' ');
  const tests = sources.filter(({ file }) => file.startsWith(`test${path.sep}`)).map(({ text }) => words(text));
  const quoted = [...read(CASES).matchAll(/“([^”]+)”/g)].map(([, title = '']) => words(title));
  // A title with a value in it is quoted with `…` for the value.
  const missing = quoted.filter(
    (title) => !tests.some((text) => title.split('…').every((part) => text.includes(part))),
  );
  t.strictSame(missing, []);
  t.ok(quoted.length > 100, `${quoted.length} of them were looked at`);
});

/** `1, 3 and 5 to 7` → 1, 3, 5, 6, 7. */
function numbersOf(list: string): number[] {
  return list.split(/, and |, | and /).flatMap((part) => {
    const [first = NaN, last = first] = part.split(/ to |–/).map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
