/**
 * Tests mirror the sources: server/a/b.ts is tested by test/a/b.test.ts. Sources without such a test are in
 * untested.json. The list may only shrink: `most` is its length, and is lowered with it.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

const root = packageRoot();
const LIST = 'test/architecture/untested.json';
const { most, sources } = JSON.parse(fs.readFileSync(path.join(root, LIST), 'utf8')) as {
  readonly most: number;
  readonly sources: readonly string[];
};

const all = fs
  .readdirSync(path.join(root, 'server'), { recursive: true, encoding: 'utf8' })
  .map((file) => `server/${file.split(path.sep).join('/')}`)
  .filter((file) => file.endsWith('.ts'))
  .sort();
const testOf = (source: string): string => source.replace(/^server\//, 'test/').replace(/\.ts$/, '.test.ts');
const hasTest = (source: string): boolean => fs.existsSync(path.join(root, testOf(source)));

t.test('every source has a test or is in the list', async (t) => {
  t.ok(all.length > 500, 'the sources are found');
  const listed = new Set(sources);
  for (const source of all.filter((file) => !hasTest(file) && !listed.has(file)))
    t.fail(`${source} has no test: write ${testOf(source)} (a source that was renamed keeps its entry in ${LIST})`);
});

t.test('the list contains no tested and no removed source', async (t) => {
  for (const source of sources) {
    if (!all.includes(source)) t.fail(`${source} is gone: take it out of ${LIST} and lower "most"`);
    else if (hasTest(source)) t.fail(`${source} has a test: take it out of ${LIST} and lower "most"`);
  }
  t.strictSame(sources, [...new Set(sources)].sort(), 'it is sorted, and names each once');
});

t.test('the list only shrinks', async (t) => {
  t.equal(sources.length, most, `"most" in ${LIST} is the number of its entries, and is never raised`);
});
