/** Holds the list of folders (scripts/lint/direction.mjs) against the tree, and looks for circles of imports. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import ts from 'typescript';

/** A folder with more files than this wants to be divided. */
const MOST_FILES = 22;
const TOP = ['schema', 'clients', 'server'];

const { FOLDERS, against } = (await import(path.resolve('scripts/lint/direction.mjs'))) as {
  readonly FOLDERS: readonly string[];
  against(from: string, to: string): string | null;
};

const files = TOP.flatMap((top) =>
  fs
    .readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.posix.join(top, name.split(path.sep).join('/'))),
);

const sources = new Set(files);

/** The imports of source files in a file: values, types, and imports at run time. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(fs.readFileSync(file, 'utf8'), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => path.posix.join(path.posix.dirname(file), name).replace(/\.js$/, '.ts'))
    .map((source) => (sources.has(source) ? source : `${source}x`));
}
const graph = new Map(files.map((file) => [file, importsOf(file)]));

t.test('every folder is in the list, and every entry of the list is a folder', (t) => {
  const folders = new Set(files.map((file) => path.posix.dirname(file)));
  t.same([...folders].filter((folder) => !FOLDERS.includes(folder)).sort(), []);
  t.same(
    FOLDERS.filter((folder) => !folders.has(folder)),
    [],
  );
  t.equal(new Set(FOLDERS).size, FOLDERS.length, 'each once');
  t.end();
});

t.test('every import goes to an earlier folder of the list', (t) => {
  const wrong = [...graph].flatMap(([file, imports]) => imports.map((to) => against(file, to)).filter(Boolean));
  t.same(wrong, []);
  t.match(against('server/exec/supervisor.ts', 'server/app/app.ts'), /may not import/, 'the check can fail');
  t.match(against('server/exec/supervisor.ts', 'server/nowhere/app.ts'), /not in the list/);
  t.end();
});

t.test('files have no import cycles', (t) => {
  t.same(circle(graph), null);
  t.same(circle(new Map([['a', ['b']], ['b', ['c']], ['c', ['a']]])), ['a', 'b', 'c', 'a'], 'the check can fail'); // prettier-ignore
  t.end();
});

t.test('no folder has too many files', (t) => {
  const sizes = new Map<string, number>();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  }
  t.same(
    [...sizes].filter(([, size]) => size > MOST_FILES),
    [],
  );
  t.end();
});

/** A circle as the files in it, the first one again at its end; null: none. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): string[] | null => {
    if (done.has(file)) return null;
    const start = way.indexOf(file);
    if (start >= 0) return [...way.slice(start), file];
    way.push(file);
    for (const next of graph.get(file) ?? []) {
      const found = visit(next);
      if (found !== null) return found;
    }
    way.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const found = visit(file);
    if (found !== null) return found;
  }
  return null;
}
