// Stores V8's compiled code of the built daemon beside it.
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

/**
 * Runs the daemon once over a short conversation, and stores V8's compiled code as dist/NODE-BUILD.cache,
 * dist/NODE-BUILD-daemon.cache and dist/NODE-BUILD-mcp.cache. Parsing and compiling the bundles is the largest part of
 * a start apart from Node itself. Other Nodes create their own files (bin/code-cache.cjs).
 * @param {string} root the folder of the package
 * @param {string} node the Node that the code is for
 */
export async function writeCodeCache(root, node) {
  const dist = path.join(root, 'dist');
  const caches = () => fs.readdirSync(dist).filter((name) => name.endsWith('.cache'));
  for (const name of caches()) fs.rmSync(path.join(dist, name));
  const home = fs.mkdtempSync(path.join(dist, '.warm-'));
  const input = [
    { id: 1, method: 'initialize', params: { clientInfo: { name: 'build', version: '0' } } },
    { method: 'initialized' },
    // Without a sandbox, the second answer is an error.
    { id: 2, method: 'thread/start', params: { cwd: home } },
    { id: 3, method: 'command/exec', params: { command: ['true'], cwd: home } },
    // The thread begins when the server has shaken hands.
    { id: 4, method: 'thread/start', params: { cwd: home, config: { mcp_servers: MCP_SERVERS } } },
  ];
  const ended = await execa(node, [path.join(root, 'bin', 'codexd.cjs'), 'app-server'], {
    input: input.map((message) => `${JSON.stringify(message)}\n`).join(''),
    env: { CODEX_HOME: home, CODEXD_WRITE_CODE_CACHE: '1' },
    timeout: 30_000,
    reject: false,
  });
  fs.rmSync(home, { recursive: true, force: true });
  // Requirements of this machine may forbid the server: then its connections are compiled at their first use.
  if (ended.failed || caches().length < 2)
    throw new Error(
      `the built daemon does not run (${ended.shortMessage ?? 'its caches are missing'}): ${ended.stderr}`,
    );
}

const MCP_SERVERS = {
  /** Nobody listens there. The SDK is loaded for it. */
  web: { url: 'http://127.0.0.1:9/' },
  /** A server without tools. */
  warm: {
    required: true,
    command: process.execPath,
    args: [
      '--eval',
      `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method, params } = JSON.parse(line);
      if (id === undefined) return;
      const hello = { protocolVersion: params?.protocolVersion, capabilities: {}, serverInfo: { name: 'warm', version: '0' } };
      const result = method === 'initialize' ? hello : { tools: [] };
      process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + String.fromCharCode(10));
    });`,
    ],
  },
};
