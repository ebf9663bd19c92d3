/** The command of the sandbox check whose program knows no proxy: whether this machine can do `transparent_tcp`. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { CodexdError } from '../../errors/codexd-error.js';
import { RESOLVER_ADDRESS, RESOLVER_PORT } from '../../network-approval/lanes/transparent-places.js';
import { nodeTextCommand } from '../../package/own-node.js';
import type { CommandPath } from './command-path.js';
import { LOOPBACK_ONLY, NETWORK_ONLY } from './sandbox-scripts.js';

/** An address of no host (RFC 5737). The policy decides before anything is dialled. */
const DENIED_ADDRESS = '192.0.2.1';

/**
 * `node -e SCRIPT PORT DENIED_ADDRESS RESOLVER RESOLVER_PORT`. It asks for `localhost` itself, as every resolver knows
 * that name without asking. One line of JSON.
 */
const ASK_WITHOUT_PROXY = `
const net = require('node:net'), dgram = require('node:dgram');
const [port, denied, resolver, resolverPort] = process.argv.slice(1);
const say = (host) => new Promise((resolve) => {
  let text = '';
  const socket = net.connect({ port: Number(port), host });
  socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
  socket.on('data', (piece) => (text += piece));
  socket.on('error', (error) => resolve('error ' + (error.code || error.message)));
  socket.on('close', () => resolve(text));
});
const look = () => new Promise((resolve, reject) => {
  const socket = dgram.createSocket('udp4');
  setTimeout(() => reject(new Error('the name server is silent')), 5000).unref();
  socket.on('error', reject);
  socket.on('message', (answer) => { socket.close(); resolve([...answer.subarray(-4)].join('.')); });
  const name = Buffer.from('localhost');
  const head = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length]);
  socket.send(Buffer.concat([head, name, Buffer.from([0, 0, 1, 0, 1])]), Number(resolverPort), resolver);
});
(async () => {
  const address = await look();
  console.log(JSON.stringify({ allowed: await say(address), denied: await say(denied), direct: await say('127.0.0.1') }));
})();
`;

type Answer = Readonly<Record<'allowed' | 'denied' | 'direct', string>>;

/**
 * Uses a server of this check on loopback, which speaks first. Returns the problem, or null. Throws `network.lane` with
 * what the machine lacks, and `doctor.not-confined` when a connection passed the policy.
 */
export async function askWithoutProxy(commandPath: CommandPath, cwd: string): Promise<string | null> {
  const token = randomBytes(16).toString('hex');
  const server = net.createServer((socket) => socket.on('error', () => {}).end(token));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const words = [port, DENIED_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PORT].map(String);
    const { exitCode, output } = await commandPath.run({
      argv: nodeTextCommand(ASK_WITHOUT_PROXY, words),
      cwd,
      profile: NETWORK_ONLY,
      workspace: [],
      policy: {
        ...LOOPBACK_ONLY,
        domains: [{ pattern: 'localhost', verdict: 'allow', source: 'profile' }],
        transparentTcp: true,
        revision: 'doctor transparent',
      },
    });
    const answer = read(output);
    if (answer === null) return `exit code ${exitCode}, it said: ${output.trim().split('\n').at(-1) || 'nothing'}`;
    const { allowed, denied, direct } = answer;
    if (direct.includes(token)) throw new CodexdError('doctor.not-confined', 'it reached a server past the policy');
    if (!allowed.includes(token)) return `it did not reach an allowed server by its name: ${allowed || 'nothing'}`;
    return denied === 'error ECONNRESET'
      ? null
      : `an address that is not allowed was not reset: ${denied || 'nothing'}`;
  } finally {
    server.close();
  }
}

/** Null: another program wrote to the output, or the command failed. */
function read(output: string): Answer | null {
  try {
    return JSON.parse(output) as Answer;
  } catch {
    return null;
  }
}
