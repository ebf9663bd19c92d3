/**
 * npm run kill-commands [-- --rounds N --window MS]: ends commands of every kind, in every way, at a random moment of
 * their start. Nothing of them may remain after the answer, or after the daemon's end.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Client } from '../../../clients/typescript/index.js';
import { proxiedConfig, startDaemon, type TestDaemon } from '../../fixtures/daemon.js';
import { killLeft, leftovers, leftoversAfter } from './leftovers.js';
import { elapse } from '../../fixtures/until.js';

const WAYS = ['pipes', 'terminal', 'lane', 'lane terminal', 'full access', 'full access terminal'] as const;
type Way = (typeof WAYS)[number];

/** `disconnect` to `daemon killed` end many commands at once, and have no answer. */
const ANSWERED = ['timeout', 'terminate', 'denial'] as const;
const UNANSWERED = ['disconnect', 'daemon stopped', 'daemon killed'] as const;
export const ENDINGS = [...ANSWERED, ...UNANSWERED] as const;
export type Ending = (typeof ENDINGS)[number];

export interface EndingReport {
  readonly commands: number;
  /** Processes that survived, with the way of their start and end. */
  readonly left: readonly string[];
}

export interface KillOptions {
  /** Commands of each way. */
  readonly rounds: number;
  readonly ending: Ending;
  /** The latest moment of the end after the start, in milliseconds. */
  readonly windowMs: number;
}

/**
 * How long a process may take to disappear where there is no answer to wait for; far above the kernel's milliseconds.
 */
const PATIENCE_MS = 5000;
/** Commands that are running when a connection or the daemon ends. */
const AT_ONCE = 6;

/** Ends `rounds` commands of each way. */
export async function killCommands(options: KillOptions): Promise<EndingReport> {
  const left: string[] = [];
  const note = (what: string, found: readonly string[]): void => {
    left.push(...found.map((line) => `${what}: ${line}`));
    killLeft(found);
  };
  const ways = options.ending === 'denial' ? (['lane', 'lane terminal'] as const) : WAYS;
  let daemon = await start();
  let commands = 0;
  try {
    for (const way of ways) {
      for (let done = 0; done < options.rounds;) {
        if (daemon.process.exitCode !== null || daemon.process.signalCode !== null) daemon = await start();
        const round = { daemon, way, ...options };
        const count = isAnswered(options.ending) ? 1 : Math.min(AT_ONCE, options.rounds - done);
        if (isAnswered(options.ending)) await answered(round, note);
        else await unanswered(round, count, note);
        done += count;
        commands += count;
      }
    }
  } finally {
    await daemon.stop();
  }
  return { commands, left };
}

const start = (): Promise<TestDaemon> => startDaemon({ config: proxiedConfig({ 'denied.test': 'deny' }) });

const isAnswered = (ending: Ending): boolean => (ANSWERED as readonly string[]).includes(ending);

interface Round extends KillOptions {
  readonly daemon: TestDaemon;
  readonly way: Way;
}

type Note = (what: string, found: readonly string[]) => void;

const connections = new WeakMap<TestDaemon, Promise<Client>>();

async function answered({ daemon, way, ending, windowMs }: Round, note: Note): Promise<void> {
  const client = await (connections.get(daemon) ?? daemon.connect());
  connections.set(daemon, Promise.resolve(client));
  const marker = newMarker();
  const moment = 1 + Math.random() * (windowMs - 1);
  const over = run(client, way, marker, ending === 'timeout' ? Math.round(moment) : null, ending === 'denial', ending);
  if (ending === 'terminate') {
    await elapse(moment, 'the end comes at any moment');
    // "No such process" when it has ended already.
    await terminate(client, way, marker).catch(() => null);
  }
  await over.catch(() => null);
  note(`${way}, ${ending} after ${moment.toFixed(1)} ms`, leftovers(marker));
}

async function unanswered({ daemon, way, ending, windowMs }: Round, count: number, note: Note): Promise<void> {
  const client = await daemon.connect();
  const markers = Array.from({ length: count }, newMarker);
  const moment = Math.random() * windowMs;
  for (const marker of markers) run(client, way, marker, null, false, ending).catch(() => null);
  // The first of them starts when the request is read; the others follow within some milliseconds each.
  await elapse(moment * (1 + Math.random() * count), 'the end comes at any moment');
  if (ending === 'disconnect') await client.close();
  else {
    const gone = once(daemon.process, 'exit');
    daemon.process.kill(ending === 'daemon killed' ? 'SIGKILL' : 'SIGTERM');
    await gone;
  }
  // An orderly stop leaves nothing behind. No answer reports the end of a connection.
  const patience = ending === 'daemon stopped' ? 0 : PATIENCE_MS;
  for (const marker of markers) note(`${way}, ${ending}`, await leftoversAfter(marker, patience));
}

const newMarker = (): string => randomBytes(12).toString('hex');

/**
 * A shell with children of every kind: plain, in its own session, without the output, without an environment. When the
 * daemon is killed, its terminal hangs up, and the shell dies at once: outside of a sandbox nothing then leads to a
 * child without an environment in its own session (server/exec/end/process-tree.ts, Non-scope).
 */
function commandOf(marker: string, asks: boolean, findable: boolean): string[] {
  const child = `sh -c 'sleep 600; : ${marker}'`;
  const bare = findable ? '' : `env -i setsid ${child} & `;
  const request = asks ? 'curl -s http://denied.test/;' : '';
  return [
    'sh',
    '-c',
    `${child} & setsid ${child} & setsid ${child} >/dev/null 2>&1 </dev/null & ${bare}${request} ${child}; : ${marker}`,
  ];
}

/** Resolves when the end of the command was reported. */
function run(
  client: Client,
  way: Way,
  marker: string,
  timeoutMs: number | null,
  asks: boolean,
  ending: Ending,
): Promise<unknown> {
  const command = commandOf(marker, asks, way === 'full access terminal' && ending === 'daemon killed');
  const tty = way.endsWith('terminal');
  if (way.startsWith('full access')) {
    const exited = new Promise<void>((resolve) => {
      const off = client.onNotification('process/exited', (params) => {
        if (params.processHandle !== marker) return;
        off();
        resolve();
      });
    });
    return client
      .request('process/spawn', { command, processHandle: marker, cwd: '/', tty, timeoutMs })
      .then(() => exited);
  }
  const policy = way.startsWith('lane') ? {} : { sandboxPolicy: { type: 'readOnly' } as const };
  return client.request(
    'command/exec',
    { command, cwd: '/', processId: marker, tty, timeoutMs, disableTimeout: timeoutMs === null, ...policy },
    { timeoutMs: 60_000 },
  );
}

const terminate = (client: Client, way: Way, marker: string): Promise<unknown> =>
  way.startsWith('full access')
    ? client.request('process/kill', { processHandle: marker })
    : client.request('command/exec/terminate', { processId: marker });

/** Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ending: { type: 'string' },
      rounds: { type: 'string', default: '75' },
      window: { type: 'string', default: '20' },
    },
  });
  let failed = 0;
  for (const ending of ENDINGS.filter((one) => (values.ending ?? one) === one)) {
    const begun = performance.now();
    const report = await killCommands({ rounds: Number(values.rounds), ending, windowMs: Number(values.window) });
    failed += report.left.length;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    process.stdout.write(
      `${ending}: ${report.commands} commands, ${report.left.length} processes left, ${seconds} s\n`,
    );
    for (const line of report.left.slice(0, 12)) process.stdout.write(`  ${line}\n`);
  }
  return failed ? 1 : 0;
}
