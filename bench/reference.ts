import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PROTOCOL_VERSION } from '../server/package/package-version.js';

export interface Reference {
  /** Its native program, not the Node script in front of it: the harder opponent. */
  readonly program: string;
  /** Holds the `bwrap` that comes with it: with the distribution's older one its sandbox does not start. */
  readonly bwrapFolder: string;
}

/** Finds the reference in the cache folder; fetches it from the npm registry the first time. */
export function fetchReference(): Reference {
  const cache = path.resolve(process.env['CODEXD_BENCH_CACHE'] ?? path.join(os.tmpdir(), 'codexd-bench'));
  const folder = path.join(cache, `reference-${PROTOCOL_VERSION}`);
  const vendor = findVendor(folder) ?? install(folder);
  const bwrapFolder = path.join(folder, 'first-on-path');
  const link = path.join(bwrapFolder, 'bwrap');
  if (!existsSync(link)) {
    mkdirSync(bwrapFolder, { recursive: true });
    rmSync(link, { force: true }); // A link of a cache that was moved leads nowhere.
    symlinkSync(path.join(vendor, 'codex-resources', 'bwrap'), link);
  }
  return { program: path.join(vendor, 'bin', 'codex'), bwrapFolder };
}

function install(folder: string): string {
  process.stderr.write(`bench: fetching the reference ${PROTOCOL_VERSION} into ${folder} …\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `@openai/codex@${PROTOCOL_VERSION}`];
  const { status, error } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
  const vendor = status === 0 ? findVendor(folder) : undefined;
  if (vendor === undefined) {
    throw new Error(
      `the reference could not be fetched (npm ${error ? error.message : `exited with ${status}`}): ` +
        `put it into ${folder}, or name a cache that has it with CODEXD_BENCH_CACHE`,
    );
  }
  return vendor;
}

/** The native part is a package of its own for each platform: `node_modules/@openai/codex-OS-CPU/vendor/TRIPLE`. */
function findVendor(folder: string): string | undefined {
  const scope = path.join(folder, 'node_modules', '@openai');
  return list(scope)
    .filter((name) => name.startsWith('codex-'))
    .map((name) => path.join(scope, name, 'vendor'))
    .flatMap((vendor) => list(vendor).map((triple) => path.join(vendor, triple)))
    .find((candidate) => existsSync(path.join(candidate, 'bin', 'codex')));
}

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
