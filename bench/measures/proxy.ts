import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '../../clients/typescript/index.js';
import type { Measure, Sampler } from '../measure.js';
import { startAt, type Target } from '../targets.js';
import { responder, source, type Upstream } from '../upstream.js';

const TUNNEL_BYTES = 512 * 1024 * 1024;
/** Enough that no side waits for the generator, few enough that a fresh connection each does not run out of ports. */
const CONNECTIONS = 16;
const SECONDS = 2;

/** Bytes through `CONNECT`, from an upstream on loopback to a command in its lane. */
export const tunnel: Measure = {
  name: 'tunnel',
  title: 'tunnel (CONNECT), 512 MiB',
  unit: 'MiB/s',
  budget: { atLeast: 1 },
  rounds: 7,
  warmUp: 1,
  prepare: (target) =>
    withUpstream(target, source(TUNNEL_BYTES), (port) => ['tunnel.js', `127.0.0.1:${port}`, String(TUNNEL_BYTES)]),
};

export const keepAliveRequests = requests('requests-keep-alive', 'proxied requests, kept connections', 'keep-alive');
export const freshRequests = requests('requests-fresh', 'proxied requests, a connection each', 'fresh');

function requests(name: string, title: string, mode: 'keep-alive' | 'fresh'): Measure {
  return {
    name,
    title,
    unit: 'req/s',
    budget: { atLeast: 3 },
    rounds: 5,
    warmUp: 1,
    prepare: (target) =>
      withUpstream(target, responder(), (port) => [
        'requests.js',
        `http://127.0.0.1:${port}/`,
        mode,
        String(CONNECTIONS),
        String(SECONDS),
      ]),
  };
}

/** A sample is one run of a load generator (bench/load) inside a proxied command; it prints its number. */
async function withUpstream(
  target: Target,
  listening: Promise<Upstream>,
  generator: (port: number) => readonly [script: string, ...args: string[]],
): Promise<Sampler> {
  const upstream = await listening;
  const { client, close } = await startAt(target, 'proxied');
  const [script, ...args] = generator(upstream.port);
  return {
    sample: () => runGenerator(client, target, [process.execPath, path.join(LOAD, script), ...args]),
    close: async () => {
      await close();
      await upstream.close();
    },
  };
}

const LOAD = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'load');

async function runGenerator(client: Client, target: Target, command: string[]): Promise<number> {
  const { exitCode, stdout, stderr } = await client.request('command/exec', { command, timeoutMs: 100_000 });
  const value = Number(stdout);
  if (exitCode !== 0 || !(value > 0))
    throw new Error(`${target.name}: ${command.join(' ')} ended with ${exitCode}: ${stderr}`);
  return value;
}
