/**
 * Runs the daemon, the demo of `npm start`, and the tests of rpc, exec, sandbox, network approval and client on other
 * Nodes: all of OTHER_NODES, or the named ones (node scripts/node-matrix.mjs 24). This Node builds everything once.
 * Exits with 1 if anything failed, or if a Node is missing; CODEXD_CI_WITHOUT_NODES=22,24 allows these to be missing.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeProgram, OTHER_NODES } from './other-nodes.mjs';
import { runTests, withNode } from './run-tests.mjs';
import { root, setup } from './setup.mjs';
import { testFiles } from './test-files.mjs';

const FOLDERS = ['rpc', 'exec', 'sandbox', 'network-approval', 'clients', 'package'];
/** Further files: tests whose results depend on the Node version. */
const FILES = [
  'test/system/node/node-internals.test.ts',
  'test/system/node/domain-names.test.ts',
  'test/cli/start-errors.test.ts',
];
/** Omitted, because they take minutes and their results do not depend on the Node version. */
const LONG = [
  ['network-approval/fuzz/', 'random bytes for parsers, the same ones on every Node'],
  [
    'network-approval/interception/attacks',
    'the same server and handshakes as in interception/clients, many times over',
  ],
  ['clients/demo.test', 'the demo runs beside them, as a person starts it'],
  ['rpc/endings', 'a process for each way to end; rpc/stdio and clients hold the common ones'],
];

/**
 * Returns the result of one Node, and prints failures meanwhile: { ok, detail }.
 * @param {number} major
 */
export async function tryNode(major) {
  await setup({ tests: true });
  let node;
  try {
    node = await nodeProgram(major);
  } catch (error) {
    const allowed = (process.env.CODEXD_CI_WITHOUT_NODES ?? '').split(',').includes(String(major));
    const detail = `NOT RUN: there is no Node ${major}: ${error instanceof Error ? error.message : error}`;
    return { ok: allowed, detail: allowed ? `${detail} (CODEXD_CI_WITHOUT_NODES allows that)` : detail };
  }
  const { execa } = await import('execa');
  const started = Date.now();
  const failures = [...(await daemon(node)), ...(await show(node)), ...(await tests(node, major))];
  const seconds = Math.round((Date.now() - started) / 1000);
  const version = (await execa(node, ['--version'])).stdout;
  return {
    ok: failures.length === 0,
    detail: `${version}, ${seconds} s${failures.map((what) => `; ${what}`).join('')}`,
  };
}

/** @param {string} node */
async function daemon(node) {
  const { execa } = await import('execa');
  const input = '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"ci","version":"1"}}}\n';
  return withHome(async (home) => {
    const { exitCode, stdout, stderr } = await execa(node, [path.join(root, 'bin', 'codexd.cjs'), 'app-server'], {
      input,
      env: { ...withNode(node), CODEX_HOME: home },
      reject: false,
      timeout: 120_000,
    });
    if (exitCode === 0 && /"id":1,"result"/.test(stdout) && stderr === '') return [];
    return [`the daemon ended with ${exitCode}: ${stdout.slice(0, 200)} ${stderr.slice(0, 400)}`];
  });
}

/**
 * `npm start`, to the end of the demo.
 * @param {string} node
 */
async function show(node) {
  const { execa } = await import('execa');
  return withHome(async (home) => {
    const { exitCode, stdout, stderr } = await execa(node, [path.join(root, 'scripts', 'start.mjs')], {
      env: { ...withNode(node), CODEX_HOME: home, CODEXD_START_ONCE: '1' },
      reject: false,
      timeout: 300_000,
    });
    if (exitCode === 0 && /The meeting is at five/.test(stdout)) return [];
    return [`npm start ended with ${exitCode}: ${stderr.slice(0, 400) || stdout.slice(-400)}`];
  });
}

/**
 * @param {string} node
 * @param {number} major
 */
async function tests(node, major) {
  const below = FOLDERS.map((name) => path.join('build', 'test', name, '/'));
  const files = [
    ...testFiles().filter((file) => below.some((folder) => file.startsWith(folder))),
    ...testFiles(FILES),
  ].filter((file) => !LONG.some(([part]) => file.includes(part)));
  const log = path.join(root, 'build', `node-${major}.tap`);
  if (await runTests(files, { node, log })) return [];
  const failed = [...new Set(fs.readFileSync(log, 'utf8').match(/^not ok test\/\S+/gm) ?? ['no test ran'])];
  return [`${failed.length} of ${files.length} test files failed (all of it is in ${log}): ${failed.join(', ')}`];
}

/** @param {(home: string) => Promise<string[]>} work */
async function withHome(work) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-node-'));
  try {
    return await work(home);
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

if (process.argv[1] === path.join(root, 'scripts', 'node-matrix.mjs')) {
  const majors = process.argv.length > 2 ? process.argv.slice(2).map(Number) : OTHER_NODES;
  let failed = 0;
  for (const major of majors) {
    const { ok, detail } = await tryNode(major);
    console.log(`Node ${major}: ${ok ? 'ok' : 'FAILED'}, ${detail}`);
    if (!ok) failed++;
  }
  process.exit(failed ? 1 : 0);
}
