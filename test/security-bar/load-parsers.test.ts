// Not in test:quick: it measures what the largest inputs cost each parser.
/**
 * Security bar: no content of a folder, a file, a patch, a model's answer or a message blocks the daemon's only thread
 * for long. One row for each parser. The measure is the processor's time of one call, relative to a loop in the same
 * process, so that a busy machine makes no difference.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createFileReader } from '../../server/config/layers/config-file.js';
import { MAX_PROJECT_BYTES } from '../../server/config/layers/project-layers.js';
import { WORKSPACE_WRITE } from '../../server/config/permissions/permission-profile.js';
import { newTable } from '../../server/config/toml/value.js';
import { interpretRules } from '../../server/config/rules/interpret.js';
import { matchCommand } from '../../server/config/rules/match-command.js';
import { parseMessage } from '../../server/rpc/wire/parse-message.js';
import { discoverSkills } from '../../server/skills/discover.js';
import { readFrontMatter } from '../../server/skills/front-matter.js';
import { readAgentsMd } from '../../server/sessions/context/agents-md.js';
import { readGitInfo } from '../../server/sessions/state/git-info.js';
import { ChatCalls } from '../../server/sessions/model/chat/chat-calls.js';
import { errorInAnswer, errorObjectError } from '../../server/sessions/model/provider/model-errors.js';
import { createTurnDiff, wireChanges } from '../../server/sessions/tools/apply-patch/diffs.js';
import { applyChunks } from '../../server/sessions/tools/apply-patch/match.js';
import { parsePatch, type Chunk } from '../../server/sessions/tools/apply-patch/parse-patch.js';
import type { PlannedChange } from '../../server/sessions/tools/apply-patch/plan-patch.js';
import { commandActions } from '../../server/sessions/shell/command-actions.js';
import { plainScript } from '../../server/sessions/shell/plain-script.js';
import { possibleCommands } from '../../server/sessions/shell/possible-commands.js';

t.setTimeout(280_000);

const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-parsers-'));
t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));

/** Processor time of the main thread, ms. Other threads compile and collect, and block nothing (proc_pid_schedstat). */
function spent(): number {
  const [onCpu = ''] = fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
  return Number(onCpu) / 1e6;
}

/** How long the work blocks this thread, ms. */
function costOf(work: () => unknown): number {
  const before = spent();
  try {
    work();
  } catch {
    // A refusal counts as an answer.
  }
  return spent() - before;
}

/** About 35 ms of one core of a usual machine. */
function calibrate(): number {
  return costOf(() => {
    let sum = 0;
    for (let n = 0; n < 100_000_000; n++) sum = (sum + n) | 0;
    return sum;
  });
}

/** Files below a new folder. */
function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const place = fs.mkdtempSync(path.join(root, 'f-'));
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    fs.writeFileSync(path.join(place, name), content);
  }
  return place;
}

const HEAD = 'ref: refs/heads/main\n';
const repository = (files: Readonly<Record<string, string>>): (() => unknown) => {
  const place = folder({ '.git/HEAD': HEAD, ...files });
  return () => readGitInfo(place);
};
const blanks = (count: number): string => ' '.repeat(count);
const lines = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => `${text(n)}\n`).join('');

const pin = {
  written: { folder: '/w', name: 'f' },
  removed: { folder: '/w', name: 'f' },
};
const update = (before: string, content: string, name = 'f'): PlannedChange => ({
  kind: 'update',
  path: `/w/${name}`,
  pin,
  written: name,
  moveTo: null,
  movePin: null,
  overwritten: null,
  before,
  content,
});
const shown =
  (...changes: readonly PlannedChange[]) =>
  (): void => {
    wireChanges(changes);
  };
const told = (...changes: readonly PlannedChange[]) => {
  const diff = createTurnDiff('/w');
  diff.add(changes);
  return () => diff.text();
};
const many = Array.from({ length: 100 }, (_, n) =>
  update(
    lines(500, (l) => `old ${l}`),
    lines(500, (l) => `new ${l * n}`),
    `f${n}`,
  ),
);
const chunk = (old: readonly string[], more: Partial<Chunk> = {}): Chunk => ({
  after: null,
  lines: [...old.map((text) => ({ mark: '-' as const, text })), { mark: '+', text: 'x' }],
  atEnd: false,
  ...more,
});
const alike = lines(400_000, () => 'a');

const agents = (text: string) => {
  const cwd = folder({ 'AGENTS.md': text });
  return () =>
    readAgentsMd({
      cwd,
      codexHome: path.join(root, 'none'),
      table: newTable(),
      profile: WORKSPACE_WRITE,
      denials: [],
      workspaceRoots: [cwd],
    });
};
const skills = (text: string) => {
  const place = folder(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`s${n}/SKILL.md`, text])));
  return () => discoverSkills([{ folder: place, scope: 'repo' }]);
};
const project = (text: string) => {
  const file = path.join(folder({ 'config.toml': text }), 'config.toml');
  const read = createFileReader({ waits: false });
  return () => read(file, MAX_PROJECT_BYTES);
};
const rules = {
  ...interpretRules(
    'prefix_rule(pattern=["rm"], decision="forbidden")\nprefix_rule(pattern=[["git","sudo"], "push"], decision="prompt")\n',
    '/r',
  ),
  revision: '',
};
const judged = (script: string) => () =>
  possibleCommands(script).commands.map((argv) => matchCommand(rules, argv, '/'));
const message = (params: string, id = '1') => {
  const text = `{"id":${id},"method":"x","params":${params}}`;
  return () => parseMessage(text);
};

const ROWS: Readonly<Record<string, () => unknown>> = {
  'a patch of 3000 changed lines, shown': shown(
    update(
      lines(3000, (n) => `old ${n}`),
      lines(3000, (n) => `new ${n}`),
    ),
  ),
  'a patch of 6000 changed lines, shown': shown(
    update(
      lines(6000, (n) => `old ${n}`),
      lines(6000, (n) => `new ${n}`),
    ),
  ),
  'every other line of 6000 changed, shown': shown(
    update(
      lines(6000, (n) => `l ${n}`),
      lines(6000, (n) => (n % 2 ? `l ${n}` : `new ${n}`)),
    ),
  ),
  'a patch of 6000 changed lines, in the diff of its turn': told(
    update(
      lines(6000, (n) => `old ${n}`),
      lines(6000, (n) => `new ${n}`),
    ),
  ),
  'lines that are alike but for their order': shown(
    update(
      lines(6000, (n) => `${n % 7}`),
      lines(6000, (n) => `${(n * 3) % 7}`),
    ),
  ),
  'a patch of 100 files': shown(...many),
  'the diff of a turn of 100 files': told(...many),
  'one line of 8 MB changed': shown(update(`${'a'.repeat(8e6)}\n`, `${'a'.repeat(7e6)}b\n`)),
  'a patch of 200 000 lines, read': () =>
    parsePatch(`*** Begin Patch\n*** Add File: a\n${lines(200_000, () => '+x')}*** End Patch`),
  'a patch of blanks': () => parsePatch(`*** Begin Patch${blanks(2e6)}x\n*** Add File: a\n+x\n*** End Patch`),
  'a patch with a name of blanks': () =>
    parsePatch(`*** Begin Patch\n*** Update File: ${blanks(1e6)}x\n@@${blanks(1e6)}x\n-a\n+b\n*** End Patch`),
  'a patch with a name of backticks': () =>
    parsePatch(`*** Begin Patch\n*** Delete File: ${'`'.repeat(500_000)}\n*** End Patch`),
  'many parts that all fit': () =>
    applyChunks(
      lines(20_000, () => 'a'),
      Array.from({ length: 20_000 }, () => chunk(['a'])),
      '/f',
    ),
  'a page of open tags for an answer': () => errorInAnswer(`<html>${'<script '.repeat(500_000)}`, 'http://m.test'),
  'an error of the beginnings of many sentences': () =>
    errorObjectError({ message: 'input token count try again in 1 '.repeat(100_000) }),
  'calls with an id each': () => {
    const calls = new ChatCalls();
    for (let n = 0; n < 50_000; n++) calls.grow({ index: n, id: `c${n}`, function: { name: 'x' } }, 0);
  },
  'lines that nearly fit everywhere': () =>
    applyChunks(alike, [chunk([...Array.from({ length: 2000 }, () => 'a'), 'b'])], '/f'),
  'many parts that fit nowhere': () =>
    applyChunks(
      alike,
      Array.from({ length: 500 }, () => chunk(['a', 'a', 'b'])),
      '/f',
    ),
  'many parts that seek a line': () =>
    applyChunks(
      alike,
      Array.from({ length: 500 }, () => chunk(['a'], { after: 'a' })),
      '/f',
    ),
  'lines of blanks': () =>
    applyChunks(
      lines(2000, () => `${blanks(2000)}x`),
      [chunk([`${blanks(2000)}y`])],
      '/f',
    ),
  '.git/config with a bracket and 3000 blanks': repository({ '.git/config': `[${blanks(3000)}` }),
  '.git/config of brackets and blanks': repository({ '.git/config': `[ ${blanks(500)}`.repeat(8000) }),
  '.git/config with an address of 200 kB of blanks': repository({
    '.git/config': `[remote "origin"]\n\turl = ${blanks(200_000)}x\n`,
  }),
  '.git/config of 16 MB': repository({ '.git/config': lines(1_000_000, () => '[remote "origi"]') }),
  '.git/config with an address of many signs': repository({
    '.git/config': `[remote "origin"]\n\turl = https://${':@'.repeat(2000)}\n`,
  }),
  'a .git file of blanks': (() => {
    const place = folder({ 'x/.git': `gitdir:${blanks(1e6)}\n${blanks(1e6)}` });
    return () => readGitInfo(path.join(place, 'x'));
  })(),
  'HEAD of 1 MB of blanks': repository({ '.git/HEAD': `ref: ${blanks(1e6)}refs/heads/main` }),
  'packed-refs of 8 MB': repository({
    '.git/packed-refs': lines(130_000, (n) => `${String(n).padStart(40, '0')} refs/heads/m${n}`),
  }),
  'packed-refs of 8 MB of the very name': repository({ '.git/packed-refs': lines(300_000, () => 'x refs/heads/main') }),
  'packed-refs in one line': repository({ '.git/packed-refs': ` refs/heads/main`.repeat(500_000) }),
  'SKILL.md of 60 kB of blanks': () => readFrontMatter(`---\nname: a\ndescription:${blanks(60_000)}x\n---\n`),
  'SKILL.md of 60 kB of blank lines': () => readFrontMatter(`---\nname: |\n${lines(60_000, () => '')}x\n---\n`),
  'SKILL.md of 60 kB of comments': () => readFrontMatter(`---\nname: ${'x#'.repeat(30_000)}\n---\n`),
  'SKILL.md of 60 kB of quotes': () => readFrontMatter(`---\nname: "${'\\"'.repeat(30_000)}\n---\n`),
  'SKILL.md of deeper lines': () => readFrontMatter(`---\n${lines(10_000, (n) => `${blanks(n % 9)}a:`)}---\n`),
  '20 SKILL.md of 1 MB': skills(`---\nname: a\ndescription:${blanks(1e6)}x\n---\n`),
  'AGENTS.md of 4 MB': agents(blanks(4e6)),
  'a config.toml of 4 MB of an untrusted project': project(lines(300_000, (n) => `k${n} = 1`)),
  'a config.toml of dotted keys': project(`${lines(600, (n) => `a${'.a'.repeat(40)}${n} = 1`)}`),
  'a config.toml of brackets': project(`a = ${'['.repeat(60_000)}`),
  'a config.toml of tables': project(lines(6000, (n) => `[a.${n}]`)),
  'a config.toml of quotes': project(`a = """${'"" '.repeat(20_000)}`),
  'a config.toml of blanks': project(`a${blanks(60_000)}b`),
  'a config.toml of numbers': project(`a = ${'1_'.repeat(30_000)}`),
  'a config.toml of lists of tables': project(lines(8000, () => '[[a]]')),
  'rules of 60 kB of brackets': () => interpretRules('['.repeat(60_000), '/r'),
  'rules of 60 kB of blanks': () => interpretRules(`a${blanks(60_000)}(`, '/r'),
  'a script of 200 kB of words': judged(`sudo ${'x '.repeat(100_000)}`),
  'a script of 200 kB of commands': judged('x; '.repeat(66_000)),
  'a script that runs what it runs': judged('xargs '.repeat(33_000)),
  'a script of finds': judged(`find . ${'-exec x '.repeat(25_000)}`),
  'a script of scripts': judged(`bash -c '${'x; '.repeat(60_000)}'`),
  'a script of evals': judged(`eval ${'"a b" '.repeat(30_000)}`),
  'a script of quotes': judged(`${'"\'"'.repeat(60_000)}`),
  'a script of braces': judged(`${'{a,'.repeat(60_000)}`),
  'a script of substitutions': judged(`${'$('.repeat(60_000)}rm`),
  'a script of backticks': judged(`${'`a '.repeat(60_000)}`),
  'a script of here-documents': judged(`bash ${'<<a '.repeat(40_000)}\n${lines(10_000, () => 'x')}`),
  'a script of escapes': judged(`eval ${'\\'.repeat(180_000)}`),
  'a long file that a script writes': judged(
    `cat > f <<'EOF'\n${lines(3000, (n) => `line ${n} of a file that is written`)}EOF`,
  ),
  'a script understood word by word': () => plainScript('x y && '.repeat(30_000)),
  'a script of blanks understood word by word': () => plainScript(`x${blanks(200_000)}`),
  'what a script of 200 kB does, shown': () => commandActions('cat a | head -n 1 && '.repeat(9000), '/'),
  'what a script of blanks does, shown': () => commandActions(`cat ${blanks(200_000)}a`, '/'),
  'a message of 12 MB of lists': message(`[${'[],'.repeat(4e6)}0]`),
  'a message of 12 MB of objects': message(`[${'{},'.repeat(4e6)}0]`),
  'a message of 12 MB of members': message(`{${'"a":1,'.repeat(2e6)}"b":1}`),
  'a message with a name that is left out': message(`[${'1,'.repeat(3_000_000)}{"__proto__":1}]`),
  'a message of a name that is left out': message(`[${'{"__proto__":1},'.repeat(120_000)}0]`),
  'a message of escapes': message(`"${'\\ud83d\\ude00'.repeat(1_000_000)}"`),
  'a message of backslashes': message(`"${'\\\\'.repeat(6e6)}"`),
  'a message with an id of a million digits': message('{}', '9'.repeat(1_000_000)),
  'a message that is no JSON': () => parseMessage('"'.repeat(12_000_000)),
  'a message of blanks': () => parseMessage(`{"id":1,"method":"x"${blanks(12_000_000)}`),
  'a message of one nesting after another': message(`[${`${'['.repeat(100)}${']'.repeat(100)},`.repeat(60_000)}0]`),
};

/**
 * 100 ms on an idle machine are three units. The rest allows for code that is not compiled yet and for shared caches.
 * Anything worse than linear takes seconds.
 */
const FACTOR = 8;
/** A message of many megabytes also costs time for its length; envelope-scan.ts sets its limits. */
const MESSAGE_FACTOR = 16;

for (const [row, work] of Object.entries(ROWS)) {
  t.test(`it ends soon: ${row}`, (t) => {
    const unit = calibrate();
    const cost = costOf(work);
    t.comment(`${cost.toFixed(0)} ms, calibration ${unit.toFixed(0)} ms`);
    t.ok(
      cost < (row.startsWith('a message') ? MESSAGE_FACTOR : FACTOR) * Math.max(unit, calibrate()),
      `${row}: ${cost.toFixed(0)} ms`,
    );
    t.end();
  });
}
