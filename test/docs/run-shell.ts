/** Runs the lines of `sh` blocks, as examples.test.ts says. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { startLocalServer } from '../fixtures/local-model-server.js';
import { modelConfig } from '../fixtures/model-config.js';
import { say, startModelServer } from '../fixtures/model-server.js';
import { marketFiles, writeFiles } from '../plugins/support.js';
import { fencesOf, type Fence } from './fences.js';
import { runToEnd } from '../fixtures/programs.js';

const PROGRAM = path.join(packageRoot(), 'bin', 'codexd.cjs');

/** Makes a test of every `sh` block of these documents. */
export function runShellBlocks(documents: readonly string[]): void {
  t.setTimeout(280_000);
  for (const fence of documents.flatMap(fencesOf).filter(({ language }) => language === 'sh')) {
    t.test(fence.place, (t) => runShell(t, fence));
  }
}

/** A folder to run examples in, and what they need. */
async function scene(t: Test, fence: Fence) {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-docs-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const at = (...parts: string[]): string => path.join(root, ...parts);
  for (const name of ['home', 'bin', 'work']) fs.mkdirSync(at(name));
  fs.symlinkSync(path.join(packageRoot(), 'bin', 'codexd'), at('bin', 'codexd'));
  const model = await startModelServer();
  model.always(({ url }) => (url.endsWith('/models') ? { body: { data: [{ id: 'mock-model' }] } } : say('done')));
  const local = await startLocalServer({ as: 'ollama', models: ['qwen3-coder'] });
  t.teardown(() => Promise.all([model.close(), local.close()]));
  fs.writeFileSync(at('home', 'config.toml'), modelConfig(model.url));
  if (fence.marks.get('prepare') === 'staging') {
    const requirements = fencesOf(fence.document).find(({ marks }) => marks.has('requirements'));
    fs.mkdirSync(at('work', 'staging'));
    fs.writeFileSync(at('work', 'staging', 'requirements.toml'), requirements?.text ?? '');
  }
  if (fence.marks.get('prepare') === 'plugins') {
    writeFiles(at('work'), marketFiles('team-plugins', 'team-plugins'));
    fs.writeFileSync(at('home', 'config.toml'), modelConfig(model.url).replace('plugins = false', 'plugins = true'));
  }
  const env = {
    ...process.env,
    PATH: `${at('bin')}:${process.env.PATH}`,
    HOME: root,
    CODEX_HOME: at('home'),
    CODEXD_NODE: process.execPath,
    CODEX_OSS_BASE_URL: local.origin,
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  const setUp =
    'git init -q && git -c user.name=a -c user.email=a@b.test commit -q --allow-empty -m one && echo two > two';
  t.equal(runToEnd('bash', ['-c', setUp], { cwd: at('work'), env, extendEnv: false }).exitCode, 0);
  return { cwd: at('work'), env };
}

async function runShell(t: Test, fence: Fence): Promise<void> {
  const { text, marks, place } = fence;
  t.equal(runToEnd('bash', ['-n'], { input: text }).exitCode, 0, `${place} is a script`);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (marks.has('parsed')) {
    t.ok(marks.get('parsed'), `${place} says why it does not run`);
    for (const line of lines) assertReads(t, line, place);
    return;
  }
  const { cwd, env } = await scene(t, fence);
  for (const line of lines) {
    const { code, output } = await runLine(line, cwd, env);
    if (marks.has('any-exit')) {
      t.notMatch(output, /Usage: codexd|unexpected argument|uncaught/i, `${place}: ${line}`);
      t.notMatch(code, null, `${place}: ${line} ends`);
    } else t.equal(code, 0, `${place}: ${line}\n${output}`);
  }
}

/** Not waited for in a blocking way: the scripted models live in this process. */
async function runLine(
  line: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const { exitCode, all } = await execa('bash', ['-o', 'pipefail', '-c', line], {
    cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    timeout: 60_000,
    killSignal: 'SIGKILL',
    reject: false,
    stripFinalNewline: false,
  });
  return { code: exitCode ?? null, output: all };
}

/** What can be known of a line without running it. */
function assertReads(t: Test, line: string, place: string): void {
  const { scripts, version } = JSON.parse(fs.readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    readonly scripts: Record<string, string>;
    readonly version: string;
  };
  const script = /^npm (?:run (\S+)|(start|test))/.exec(line);
  if (script) t.ok(scripts[script[1] ?? script[2] ?? ''], `${place}: package.json has the script of \`${line}\``);
  const packed = /codexd-(\d+\.\d+\.\d+)\.tgz/.exec(line)?.[1];
  if (packed !== undefined) t.equal(packed, version, `${place}: ${line}`);
  if (!line.startsWith('codexd ')) return;
  // The command line is read from left to right: when only the last word is wrong, all the others are right.
  const command = `${line.replace(/\s+#.*$/, '').slice('codexd '.length)} --no-such-option`;
  const { exitCode, stderr } = runToEnd('bash', ['-c', `"$0" "$1" ${command}`, process.execPath, PROGRAM]);
  t.equal(exitCode, 2, `${place}: ${line}`);
  t.match(stderr, /--no-such-option/, `${place}: ${line}`);
}
