/**
 * The files of the package that are loaded by need: bundles in dist/late, validators, the helper of lanes.
 *
 * An upgrade replaces the package under a daemon that runs. Then either nothing is there any more, or it is of another
 * build. So a daemon that is up keeps the text of what it has not loaded yet (some 4 MB), and compiles from that.
 */
import fs from 'node:fs';
import { createRequire, Module } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { packageRoot } from './package-root.js';

/** Which build this bundle is of; scripts/build.mjs writes it. Sources that run one by one have none. */
declare const __bundleId: string | undefined;
const ownId = typeof __bundleId === 'undefined' ? null : __bundleId;

const texts = new Map<string, string>();
const loaded = new Map<string, unknown>();

/** The text of a file below dist/, `/` between its parts. Throws Error when it is missing or of another build. */
export function readPart(name: string): string {
  const kept = texts.get(name);
  if (kept !== undefined) return kept;
  if (packageChanged()) throw new Error(`${dist()} was replaced while codexd ran: restart codexd`);
  return fs.readFileSync(path.join(dist(), name), 'utf8');
}

/** What a CommonJS file below dist/ exports. */
export function requirePart(name: string): unknown {
  if (loaded.has(name)) return loaded.get(name);
  const file = path.join(dist(), name);
  const run = new vm.Script(Module.wrap(readPart(name)), { filename: file }).runInThisContext() as CommonJs;
  const made = { exports: {} };
  run(made.exports, createRequire(file), made, file, path.dirname(file));
  loaded.set(name, made.exports);
  return made.exports;
}
type CommonJs = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  file: string,
  dir: string,
) => void;

/** Keeps what may still be needed. Call it before a listener says that it listens, on stdio when there is time. */
export function keepParts(): void {
  if (ownId === null) return;
  for (const name of ['lane-helper.cjs', ...below('late'), ...below('validators')]) {
    if (!FOR_OTHER_COMMANDS.has(name)) texts.set(name, readPart(name));
  }
}
const FOR_OTHER_COMMANDS: ReadonlySet<string> = new Set([
  'late/completion.cjs',
  'late/doctor.cjs',
  'late/exec.cjs',
  'late/generate.cjs',
]);
const below = (folder: string): readonly string[] =>
  fs.readdirSync(path.join(dist(), folder)).map((file) => `${folder}/${file}`);

/** Whether the files of the package are not those that this process was started from. Never throws. */
export function packageChanged(): boolean {
  if (ownId === null) return false;
  try {
    return fs.readFileSync(path.join(dist(), 'id'), 'utf8') !== ownId;
  } catch {
    return true; // It is gone.
  }
}

const dist = (): string => path.join(packageRoot(), 'dist');
