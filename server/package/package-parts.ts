/**
 * The files of the package that are loaded when they are needed: bundles in dist/late, validators, the helper of lanes.
 *
 * An upgrade replaces the package while a daemon runs: a file may be missing then, or be of another build. So a running
 * daemon keeps the text of the files that it has not loaded yet (about 4 MB) in memory, and compiles that text.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { CodexdError } from '../errors/codexd-error.js';
import { packageRoot } from './package-root.js';

/** The build of this bundle, written by scripts/build.mjs. Undefined if the sources run without a bundle. */
declare const __bundleId: string | undefined;
const ownId = typeof __bundleId === 'undefined' ? null : __bundleId;

const texts = new Map<string, string>();
const loaded = new Map<string, unknown>();

/** The text of a file below dist/, `/` between its parts. Throws Error when it is missing or of another build. */
export function readPart(name: string): string {
  const kept = texts.get(name);
  if (kept !== undefined) return kept;
  if (packageChanged())
    throw new CodexdError('machine.package', `${dist()} was replaced while codexd ran: restart codexd`);
  // ASCII, as bin/codexd.cjs says of the core.
  return fs.readFileSync(path.join(dist(), name), WITH_CACHE.has(name) ? 'latin1' : 'utf8');
}
/**
 * The parts whose compiled code is kept: what of the daemon a start does not need (scripts/daemon-bundles.mjs), and
 * the connections to MCP servers over HTTP. Like the core, they are functions already.
 */
const WITH_CACHE: ReadonlySet<string> = new Set(['late/daemon.cjs', 'late/mcp.cjs']);

/** Modules of this bundle that parts need, by their source file: what evaluates one and returns its exports. */
let core: Readonly<Record<string, () => unknown>> = {};

/** Lets parts share modules with this bundle, so that what a module keeps is the same for both. */
export function shareModules(modules: Readonly<Record<string, () => unknown>>): void {
  core = modules;
}

/** What a CommonJS file below dist/ exports. */
export function requirePart(name: string): unknown {
  if (loaded.has(name)) return loaded.get(name);
  const file = path.join(dist(), name);
  const text = readPart(name);
  const isKept = WITH_CACHE.has(name);
  const wrapped = isKept ? text : `(function (exports, require, module, __filename, __dirname) { ${text}\n})`;
  const open = isKept && typeof require !== 'undefined' ? (require as PartRequire).openCodeCache : undefined;
  const cache = open?.(name);
  const script = new vm.Script(wrapped, { filename: file, cachedData: cache?.read() });
  const run = script.runInThisContext() as CommonJs;
  cache?.keep(script);
  const made = { exports: {} };
  const partRequire = Object.assign(createRequire(file), { core: (source: string) => core[source]!() });
  run(made.exports, partRequire, made, file, path.dirname(file));
  loaded.set(name, made.exports);
  return made.exports;
}
/** What bin/codexd.cjs calls the bundle with: V8's cache for a part, where it may have one. */
type PartRequire = NodeJS.Require & { readonly openCodeCache?: (name: string) => CodeCache };
interface CodeCache {
  read(): Buffer | undefined;
  keep(script: vm.Script): void;
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
  for (const name of ['lane-helper.cjs', 'transparent-helper.cjs', ...below('late'), ...below('validators')]) {
    if (!FOR_OTHER_COMMANDS.has(name) && !loaded.has(name)) texts.set(name, readPart(name));
  }
}
const FOR_OTHER_COMMANDS: ReadonlySet<string> = new Set([
  'late/chat.cjs',
  'late/completion.cjs',
  'late/doctor.cjs',
  'late/exec.cjs',
  'late/generate.cjs',
  'late/mcp-server.cjs',
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
