#!/usr/bin/env node
// Starts codexd: loads dist/codexd.cjs with V8's code cache where that fits this Node, and builds first in a bare clone.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const dist = path.join(__dirname, '..', 'dist');
const bundle = path.join(dist, 'codexd.cjs');

if (!(process.pid === 1 && require('./process-one.cjs').startBelowReaper(__filename))) {
  if (!fs.existsSync(bundle)) setUp();
  load();
}

function load() {
  const { Module } = require('node:module');
  const vm = require('node:vm');
  // The bundle is ASCII: reading it as Latin-1 spares the decoding, and V8 keeps one byte a character.
  const source = fs.readFileSync(bundle, 'latin1');
  const script = new vm.Script(Module.wrap(source), {
    filename: bundle,
    cachedData: readCache(),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, Module.createRequire(bundle), module, bundle, dist);
  const target = process.env.CODEXD_WRITE_CODE_CACHE;
  if (target) keepCompiledCode(script, target);
}

/** Keeps what is compiled when the first answer goes out: what every start needs, and no more. */
function keepCompiledCode(script, target) {
  const write = process.stdout.write;
  process.stdout.write = function (...args) {
    process.stdout.write = write;
    fs.writeFileSync(target, script.createCachedData());
    return write.apply(this, args);
  };
}

function readCache() {
  if (process.env.CODEXD_WRITE_CODE_CACHE) return undefined;
  try {
    return fs.readFileSync(path.join(dist, 'codexd.cache'));
  } catch {
    return undefined; // Only slower: V8 compiles the bundle itself.
  }
}

function setUp() {
  const { spawnSync } = require('node:child_process');
  const { status } = spawnSync(process.execPath, [path.join(__dirname, '..', 'scripts', 'setup.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}
