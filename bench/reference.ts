import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execaSync } from 'execa';
import { PROTOCOL_VERSION } from '../server/package/package-version.js';

export interface Reference {
  /** Its native program, not the Node script that starts it: this makes the comparison harder. */
  readonly program: string;
  /** The folder with the reference's own `bwrap`. Its sandbox does not start with the distribution's older one. */
  readonly bwrapFolder: string;
}

/** Finds the reference in the cache folder. The first call downloads it from the npm registry. */
export function fetchReference(): Reference {
  const cache = path.resolve(process.env['CODEXD_BENCH_CACHE'] ?? path.join(os.tmpdir(), 'codexd-bench'));
  const folder = path.join(cache, `reference-${PROTOCOL_VERSION}`);
  const vendor = findVendor(folder) ?? install(folder);
  const bwrapFolder = path.join(folder, 'first-on-path');
  const link = path.join(bwrapFolder, 'bwrap');
  if (!existsSync(link)) {
    mkdirSync(bwrapFolder, { recursive: true });
    rmSync(link, { force: true }); // A moved cache leaves a link without a target.
    symlinkSync(path.join(vendor, 'codex-resources', 'bwrap'), link);
  }
  return { program: path.join(vendor, 'bin', 'codex'), bwrapFolder };
}

function install(folder: string): string {
  process.stderr.write(`bench: fetching the reference ${PROTOCOL_VERSION} into ${folder} …\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `@openai/codex@${PROTOCOL_VERSION}`];
  const fetched = execaSync('npm', args, { cwd: folder, stdin: 'ignore', stdout: 2, stderr: 2, reject: false });
  const vendor = fetched.failed ? undefined : findVendor(folder);
  if (vendor === undefined) {
    throw new Error(
      `the reference could not be fetched (${fetched.shortMessage ?? 'npm put it elsewhere'}): ` +
        `put it into ${folder}, or name a cache that has it with CODEXD_BENCH_CACHE`,
    );
  }
  return vendor;
}

/** The native part is a separate package for each platform: `node_modules/@openai/codex-OS-CPU/vendor/TRIPLE`. */
function findVendor(folder: string): string | undefined {
  const scope = path.join(folder, 'node_modules', '@openai');
  return list(scope)
    .filter((name) => name.startsWith('codex-'))
    .map((name) => path.join(scope, name, 'vendor'))
    .flatMap((vendor) => list(vendor).map((triple) => path.join(vendor, triple)))
    .find((candidate) => existsSync(path.join(candidate, 'bin', 'codex')));
}

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
