/**
 * Makes program files (scripts/program-file.mjs) and uses them as an editor does: the one for Linux here, the one for
 * Windows under Wine if there is a test bed (scripts/windows/setup.mjs). Exits with 2 if they cannot be made here, for
 * example without the npm registry.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeProgramFiles } from './program-file.mjs';
import { root } from './setup.mjs';
import { wine, wineFolder } from './windows/wine.mjs';

const { execaSync } = await import('execa');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-program-file-'));
/** @param {...string} parts */
const at = (...parts) => path.join(folder, ...parts);
const hasWine = fs.existsSync(path.join(wineFolder, 'state.stamp'));
const INITIALIZE = { id: 1, method: 'initialize', params: { clientInfo: { name: 'check', version: '1' } } };

try {
  const made = await make();
  for (const name of ['home', 'cache', 'work', 'other']) fs.mkdirSync(at(name), { mode: 0o700 });
  const [linux = ''] = made;
  await checkLinux(linux);
  if (hasWine) await checkWindows();
  else console.log('# codexd.exe: NOT RUN, there is no Wine (npm run test:windows makes it)');
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function make() {
  try {
    return await makeProgramFiles(hasWine ? ['linux-x64', 'win32-x64'] : ['linux-x64'], at('made'));
  } catch (error) {
    console.error(`codexd: NO PROGRAM FILES HERE: ${error instanceof Error ? error.message.slice(0, 600) : error}`);
    fs.rmSync(folder, { recursive: true, force: true });
    return process.exit(2);
  }
}

/** @param {string} codexd */
async function checkLinux(codexd) {
  const env = { PATH: process.env.PATH, HOME: at('work'), CODEX_HOME: at('home'), XDG_CACHE_HOME: at('cache') };
  /**
   * @param {string[]} args
   * @param {import('execa').SyncOptions} [options]
   */
  const run = (args, options = {}) =>
    execaSync(codexd, args, { cwd: at('work'), env, extendEnv: false, timeout: 120_000, reject: false, ...options });
  const unpacked = () => at('cache', 'codexd', ...fs.readdirSync(at('cache', 'codexd')));

  check('it says its version', () => assert.match(String(run(['--version']).stdout), /^codex-cli .*\(codexd /));
  check('it runs commands in the sandbox, in a lane, and on a terminal', () => {
    // The checks of codexd itself do this; they end with 1 if one fails.
    const { stdout } = run(['doctor', '--json']);
    const { findings } = JSON.parse(String(stdout));
    const failed = findings.filter((/** @type {{ status: string }} */ { status }) => status === 'fail');
    assert.deepEqual(failed, []);
  });
  // By a name that is not written here: the compiler would check the bundle.
  const library = path.join(root, 'dist', 'client.js');
  /** @type {typeof import('../clients/typescript/index.js')} */
  const { connectStdio } = await import(library);
  const client = await connectStdio({
    command: codexd,
    cwd: at('work'),
    env,
    clientInfo: { name: 'check', title: null, version: '1' },
  });
  /** @param {string[]} command @param {string[]} [writableRoots] */
  const inWorkspace = (command, writableRoots = []) =>
    client.request('command/exec', { command, sandboxPolicy: { type: 'workspaceWrite', writableRoots } });
  const patch = '*** Begin Patch\n*** Add File: patched\n+x\n*** End Patch\n';
  const patched = await inWorkspace(['apply_patch', patch]);
  check('its apply_patch runs in the sandbox', () => {
    assert.equal(patched.exitCode, 0, JSON.stringify(patched));
    assert.equal(fs.readFileSync(at('work', 'patched'), 'utf8'), 'x\n');
  });
  check('NODE_OPTIONS are not for it', () =>
    assert.equal(run(['--version'], { env: { ...env, NODE_OPTIONS: '--require /gone.js' } }).exitCode, 0),
  );
  check('it starts itself (codexd threads)', () => assert.equal(run(['threads', 'list']).exitCode, 0));
  check('a changed file is put right before it is loaded', () => {
    const bundle = path.join(unpacked(), 'dist', 'codexd.cjs');
    const before = fs.readFileSync(bundle);
    fs.writeFileSync(bundle, 'process.stdout.write("changed")');
    assert.match(String(run(['--version']).stdout), /^codex-cli /);
    assert.ok(fs.readFileSync(bundle).equals(before));
  });
  check('a link in the place of a file is replaced, and not followed', () => {
    const file = path.join(unpacked(), 'dist', 'id');
    fs.writeFileSync(at('other', 'file'), 'mine');
    fs.rmSync(file);
    fs.symlinkSync(at('other', 'file'), file);
    assert.equal(run(['--version']).exitCode, 0);
    assert.equal(fs.readFileSync(at('other', 'file'), 'utf8'), 'mine');
    assert.ok(fs.lstatSync(file).isFile());
  });
  check('a folder that others can write is refused', () => {
    fs.chmodSync(at('other'), 0o777);
    const { exitCode, stderr } = run(['--version'], { env: { ...env, CODEXD_PROGRAM_FOLDER: at('other') } });
    assert.equal(exitCode, 1);
    assert.match(String(stderr), /can be written by other users[^]*CODEXD_PROGRAM_FOLDER/);
  });
  const bundle = path.join(unpacked(), 'dist', 'codexd.cjs');
  const wrote = await inWorkspace(['sh', '-c', `echo x >> '${bundle}'`], [at('cache')]).catch(String);
  check('no command can write what it unpacked', () => {
    assert.ok(typeof wrote === 'string' || wrote.exitCode !== 0, JSON.stringify(wrote));
    assert.ok(!fs.readFileSync(bundle, 'latin1').endsWith('x\n'));
  });
  await client.close();
}

/** Windows' Node starts it on pipes, as an editor would: Wine cannot use those of Linux. */
async function checkWindows() {
  const messages = [
    INITIALIZE,
    { method: 'initialized' },
    {
      id: 2,
      method: 'command/exec',
      params: { command: ['cmd.exe', '/c', 'echo %CODEXD_NODE%'], sandboxPolicy: { type: 'dangerFullAccess' } },
    },
    { id: 3, method: 'thread/start', params: {} },
  ];
  const script = `const child = require('child_process').spawn('C:\\\\program\\\\codexd.exe', ['app-server'], { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.write(${JSON.stringify(messages.map((each) => `${JSON.stringify(each)}\n`).join(''))});
    setTimeout(() => child.stdin.end(), 20000);
    child.on('exit', (code) => console.log('ended with', code));`;
  const { out } = await wine(24, ['C:\\node\\node.exe', '-e', script], {
    mounts: { program: at('made', 'win32-x64') },
    timeoutMs: 180_000,
  });
  check('codexd.exe answers, runs a command and starts a thread', () => {
    assert.match(out, /"id":1,"result".*"platformOs":"windows"/);
    assert.match(out, /"id":2,"result":\{"exitCode":0,"stdout":"C:\\\\+program\\\\+codexd\.exe/);
    assert.match(out, /"id":3,"result":\{"thread"/);
    assert.match(out, /ended with 0/);
  });
}

/**
 * @param {string} name
 * @param {() => void} body
 */
function check(name, body) {
  try {
    body();
    console.log(`ok: ${name}`);
  } catch (error) {
    console.log(`FAILED: ${name}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
