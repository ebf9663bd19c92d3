#!/usr/bin/env node
// Starts codexd: loads dist/codexd.cjs with V8's code cache, and builds first in a bare clone. bin/codexd finds a Node
// for it.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');
const bundle = path.join(dist, 'codexd.cjs');

requireNode();
if (!(process.pid === 1 && require('./process-one.cjs').startBelowReaper(__filename))) {
  if (!fs.existsSync(bundle)) setUp();
  restoreNodeOptions();
  try {
    load();
  } catch (error) {
    process.stderr.write(
      `codexd: ${bundle} does not start: ${error.name}: ${error.message}\ncodexd: it may be damaged: install codexd again; if that does not help, report these lines where you got it from (Node ${process.version}).\n`,
    );
    process.exit(1);
  }
}

function load() {
  const { Module } = require('node:module');
  const vm = require('node:vm');
  const { buildOf, openCodeCache } = require('./code-cache.cjs');
  // The bundle is ASCII: reading it as Latin-1 spares the decoding, and V8 keeps one byte a character. It is a function
  // already (scripts/build.mjs).
  const source = fs.readFileSync(bundle, 'latin1');
  const build = buildOf(source);
  const cache = openCodeCache(build, dist);
  const script = new vm.Script(source, { filename: bundle, cachedData: cache.read() });
  const module = { exports: {} };
  const run = script.runInThisContext();
  cache.keep(script);
  const partsOf = { openCodeCache: (part) => openCodeCache(build, dist, part) };
  run(module.exports, Object.assign(Module.createRequire(bundle), partsOf), module, bundle, dist);
}

/** In words that old versions read, too. */
function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= 20) return;
  process.stderr.write(
    `codexd: Node 20 or newer is needed; ${process.execPath} is ${process.versions.node}. CODEXD_NODE=PATH names another one for bin/codexd.\n`,
  );
  process.exit(1);
}

/** bin/codexd took them away, because a daemon must start whatever they say; they are for the user's commands. */
function restoreNodeOptions() {
  const { CODEXD_NODE_OPTIONS: options } = process.env;
  delete process.env.CODEXD_NODE_OPTIONS;
  if (options !== undefined) process.env.NODE_OPTIONS = options;
}

function setUp() {
  if (!['.git', 'package-lock.json'].some((name) => fs.existsSync(path.join(root, name)))) {
    process.stderr.write(
      `codexd: this package was made without dist (${dist} has no codexd.cjs): install it again from the registry, or pack a clone with npm pack.\n`,
    );
    process.exit(1);
  }
  const { spawnSync } = require('node:child_process');
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', 'setup.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}
