/**
 * Every example of the documents is run, or read by what would read it. A block without a way to do that fails here.
 *
 * `sh` (shell-*.test.ts): each line runs, in a repository, with a scripted model; `parsed="why"`: only the command line
 * is read; `any-exit="why"`: it may fail; `prepare="staging"`: beside it lie the requirements of the same document;
 * `prepare="plugins"`: beside it lies a marketplace.
 * `toml`: config.toml without anything unknown; `requirements`: requirements.toml; `alternatives`: parts between
 * `# or`. `json`, `python` (rules files), `ts` (the compiled example), `jsonl exchange` (exchange.test.ts). `text`:
 * `why="…"` says what it is.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { interpretRules } from '../../server/config/rules/interpret.js';
import { configShape } from '../../server/config/shape/config-shape.js';
import { unknownKeys } from '../../server/config/shape/check.js';
import { requirementsShape } from '../../server/config/shape/requirements-shape.js';
import { createConfigService } from '../../server/config/settings/config-service.js';
import { checkStartup } from '../../server/config/settings/startup.js';
import { parseToml } from '../../server/config/toml/parse-toml.js';
import { packageRoot } from '../../server/package/package-root.js';
import { documents, fencesOf, readDocument, type Fence } from './fences.js';

t.setTimeout(280_000);

type Runner = (t: Test, fence: Fence) => Promise<void> | void;

const RUNNERS: Readonly<Record<string, Runner>> = {
  sh: (t, { marks, place, document }) =>
    void t.ok(marks.get('parsed') !== '', `${place}: shell-*.test.ts runs ${document}`),
  toml: readToml,
  json: (t, { text, place }) => void t.doesNotThrow(() => JSON.parse(text), place),
  python: (t, { text, place }) => void t.strictSame(interpretRules(text, 'example.rules').problems, [], place),
  jsonl: (t, { marks, place }) => void t.ok(marks.has('exchange'), `${place} is replayed by exchange.test.ts`),
  ts: (t, { text, place }) => {
    const source = fs.readFileSync(
      path.join(packageRoot(), 'clients', 'typescript', 'examples', 'commands.ts'),
      'utf8',
    );
    const compiled = /\/\/ example\n(.*)\/\/ end of example/s.exec(source)?.[1] ?? '';
    t.equal(text, compiled.replace("'../index.js'", "'codexd/client'"), `${place} is the one that is compiled`);
  },
  text: (t, { marks, place }) => void t.ok(marks.get('why'), `${place} says why nothing can run it`),
};

for (const document of documents()) {
  t.test(document, async (t) => {
    for (const fence of fencesOf(document)) {
      const run = RUNNERS[fence.language];
      if (run === undefined) t.fail(`${fence.place}: nothing runs \`${fence.language}\`, and no reason is given`);
      else await run(t, fence);
    }
  });
}

t.test('links of the documents have a target', (t) => {
  for (const document of documents()) {
    const text = readDocument(document).replace(/^```[^]*?^```$/gm, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? document : path.join(path.dirname(document), file);
      const there = fs.existsSync(path.join(packageRoot(), place));
      t.ok(there, `${document}: ${target}`);
      if (there && anchor !== undefined) t.ok(anchors(readDocument(place)).includes(anchor), `${document}: ${target}`);
    }
  }
  t.end();
});

/** As GitHub makes them of headings. */
const anchors = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );

function readToml(t: Test, { text, marks, place }: Fence): void {
  for (const part of marks.has('alternatives') ? text.split(/^# or$/m) : [text]) {
    const isRequirements = marks.has('requirements');
    const shape = isRequirements ? requirementsShape() : configShape();
    t.strictSame(unknownKeys(parseToml(part), shape), [], `${place} has no unknown keys`);
    const folder = t.testdir({
      home: { 'config.toml': isRequirements ? '' : part },
      system: isRequirements ? { 'requirements.toml': part } : {},
    });
    const env = { HOME: folder, CODEXD_SYSTEM_CONFIG_DIR: path.join(folder, 'system') };
    const source = createConfigService({ codexHome: path.join(folder, 'home'), cwd: folder, env });
    t.equal(checkStartup(source).fatal, null, place);
    t.equal(source.resolve(folder).problem, null, place);
  }
}
