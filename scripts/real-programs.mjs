/**
 * Installs the clients and MCP servers of others that tests run unmodified, in a folder outside of this repository:
 *
 *     npm run real-programs -- FOLDER
 *     CODEXD_REAL_CLIENTS=FOLDER npm test -- test/real-clients test/real-servers test/real-programs
 *
 * test/real-programs also runs programs of the system (psql, ssh, a JVM ...); programs.ts there names the packages.
 *
 * They are no dependency of the package: together they have more packages than everything else. With `--official` the
 * official program (@openai/codex) comes along, in the versions of OFFICIAL: a large download of its own for each
 * platform. Its terminal client and commands are run against codexd, and its schemas are generated for decoders.
 */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

const PROGRAMS = {
  '@agentclientprotocol/codex-acp': '2.6.0',
  'ai-sdk-provider-codex-app-server': '1.1.7',
  '@grpc/grpc-js': '1.14.7',
  '@modelcontextprotocol/inspector': '0.15.0',
  '@modelcontextprotocol/server-everything': '2026.8.31',
  '@modelcontextprotocol/server-filesystem': '2026.8.31',
  '@modelcontextprotocol/server-memory': '2026.8.31',
  '@modelcontextprotocol/server-sequential-thinking': '2026.8.31',
};

/** As test/fixtures/real-clients.ts has them, each in a folder of its own. */
const OFFICIAL = ['0.130.0', '0.169.0', '0.171.0'];

const words = process.argv.slice(2);
const [folder, ...more] = words.filter((word) => word !== '--official');
if (folder === undefined || more.length > 0) {
  console.error('usage: npm run real-programs -- FOLDER [--official]');
  process.exit(2);
}

const FLAGS = ['--no-audit', '--no-fund', '--ignore-scripts'];

/**
 * @param {string} into
 * @param {readonly string[]} packages with their versions, and flags of npm
 */
async function install(into, packages) {
  const options = /** @type {const} */ ({ stdio: 'inherit', reject: false });
  const { exitCode } = await execa('npm', ['install', '--prefix', path.resolve(into), ...FLAGS, ...packages], options);
  if (exitCode !== 0) process.exit(exitCode ?? 1);
}

const named = Object.entries(PROGRAMS).map(([name, version]) => `${name}@${version}`);
await install(folder, ['--omit=optional', ...named]);
for (const version of words.includes('--official') ? OFFICIAL : []) {
  const own = path.join(folder, 'official', version);
  fs.mkdirSync(own, { recursive: true });
  await install(own, [`@openai/codex@${version}`]);
}
