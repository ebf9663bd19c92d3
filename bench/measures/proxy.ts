import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Client } from '../../clients/typescript/index.js';
import type { Measure, Sampler } from '../measure.js';
import { startAt, type Target } from '../targets.js';
import { responder, source, type Upstream } from '../upstream.js';

const TUNNEL_BYTES = 512 * 1024 * 1024;
/** Enough that the programs never wait for the generator, few enough that fresh connections do not use up the ports. */
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

const LATENCY_REQUESTS = 1000;

/**
 * The time that the proxy adds to a request: the median time of a request from a lane, minus the median time of the
 * same request sent directly to the same upstream by a program outside of any sandbox.
 */
export const addedLatency: Measure = {
  name: 'latency-added',
  title: 'added latency of an allowed request',
  unit: 'ms',
  budget: { atMost: 0.5 },
  rounds: 9,
  warmUp: 2,
  prepare: async (target) => {
    const upstream = await responder();
    const { client, close } = await startAt(target, 'proxied');
    const command = [
      process.execPath,
      path.join(LOAD, 'latency.js'),
      `http://127.0.0.1:${upstream.port}/`,
      String(LATENCY_REQUESTS),
    ];
    return {
      sample: async () => {
        const proxied = await runGenerator(client, target, command);
        return Math.max(proxied - (await runDirectly(command, upstream.port)), Number.EPSILON);
      },
      close: async () => {
        await close();
        await upstream.close();
      },
    };
  },
};

/** The generator uses the upstream itself as its proxy: the upstream answers every request. */
async function runDirectly([file = '', ...args]: readonly string[], port: number): Promise<number> {
  const { stdout } = await execa(file, args, {
    env: { HTTP_PROXY: `http://127.0.0.1:${port}` },
    extendEnv: false,
  });
  return Number(stdout);
}

/** A sample is one run of a load generator (bench/load) inside a proxied command. The generator prints the number. */
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
