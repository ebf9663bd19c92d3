/**
 * Installs the clients and MCP servers of others that tests run unmodified, in a folder outside of this repository:
 *
 *     npm run real-programs -- FOLDER && CODEXD_REAL_CLIENTS=FOLDER npm test -- test/real-clients test/real-servers
 *
 * They are no dependency of the package: together they have more packages than everything else. The terminal client
 * (@openai/codex) is not among them, because it is a download of its own for each platform.
 */
import path from 'node:path';
import { execa } from 'execa';

const PROGRAMS = {
  '@agentclientprotocol/codex-acp': '2.6.0',
  'ai-sdk-provider-codex-app-server': '1.1.7',
  '@modelcontextprotocol/inspector': '0.15.0',
  '@modelcontextprotocol/server-everything': '2026.8.31',
  '@modelcontextprotocol/server-filesystem': '2026.8.31',
  '@modelcontextprotocol/server-memory': '2026.8.31',
  '@modelcontextprotocol/server-sequential-thinking': '2026.8.31',
};

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: npm run real-programs -- FOLDER');
  process.exit(2);
}
const named = Object.entries(PROGRAMS).map(([name, version]) => `${name}@${version}`);
const flags = ['--no-audit', '--no-fund', '--omit=optional', '--ignore-scripts'];
const { exitCode } = await execa('npm', ['install', '--prefix', path.resolve(folder), ...flags, ...named], {
  stdio: 'inherit',
  reject: false,
});
process.exit(exitCode ?? 1);
