/**
 * `npm start`: demonstrates the daemon, then leaves a daemon running for clients.
 *
 * Two daemons run, one after the other. The daemon of the demo has a scratch home with its own policy. The daemon that
 * stays uses the person's Codex home. Both serve the console. With CODEXD_START_ONCE=1 the program ends after the demo.
 */
import path from 'node:path';
import { connectUnixSocket, connectWebSocket, OPERATOR_CAPABILITY } from '../typescript/index.js';
import { packageRoot } from '../../server/package/package-root.js';
import { ActFailed, allowedHostAct, deniedHostAct, filesAct } from './acts.js';
import { startDaemon, type Daemon } from './daemon.js';
import { howToConnect } from './how-to-connect.js';
import { createPerson, type Person } from './person.js';
import { explain, gap, title, verbatim } from './say.js';
import { setScene } from './scene.js';
import { turnAct } from './turn-act.js';

const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
const clientInfo = { name: 'codexd-demo', title: null, version: '1' };
/** How long the show waits for somebody to open the console, if there is a terminal. In ms. */
const LOOK_MS = 60_000;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

void main();

async function main(): Promise<void> {
  try {
    await show();
    if (process.env['CODEXD_START_ONCE'] !== '1' && !stop.signal.aborted) await serve();
  } catch (error) {
    if (stop.signal.aborted) return; // The interruption caused the error.
    process.stderr.write(`\ncodexd: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function show(): Promise<void> {
  const scene = await setScene();
  let daemon: Daemon | undefined;
  try {
    title('codexd');
    explain('A daemon is being started with a scratch configuration, on a loopback WebSocket and on a unix socket.');
    daemon = await startDaemon({
      program,
      cwd: scene.work,
      env: { ...process.env, CODEX_HOME: scene.home },
      settings: ['codexd.operators="answer"'],
    });
    explain(`It listens on ${daemon.url} and unix://${daemon.socketPath}. Watch the show in the console:`);
    gap();
    verbatim(daemon.consoleLink);
    gap();
    await acts(daemon, scene, createPerson());
  } finally {
    await daemon?.stop();
    await scene.remove();
  }
}

async function acts(daemon: Daemon, scene: Awaited<ReturnType<typeof setScene>>, person: Person): Promise<void> {
  const capabilities = { experimentalApi: true, extensions: { [OPERATOR_CAPABILITY]: {} } };
  const one = await connectWebSocket(daemon.url, { clientInfo, capabilities, reconnect: false });
  const two = await connectUnixSocket(daemon.socketPath, { clientInfo, reconnect: false });
  // Ctrl-C during the demo: pending requests fail, and the demo cleans up in the usual way.
  stop.signal.addEventListener('abort', () => void Promise.all([one.close(), two.close()]));
  try {
    explain(`Two clients are connected, one to each. The server says: ${one.server.userAgent}`);
    if (person.atTerminal) {
      const watched = await person.untilConsole(one, LOOK_MS, stop.signal);
      explain(watched ? 'The console is connected: the show begins.' : 'The show begins.');
    }
    if (stop.signal.aborted || !(await filesAct(one, scene))) return;
    await allowedHostAct(one, scene);
    await deniedHostAct(one, two, scene);
    await turnAct(one, scene, person, daemon.consoleLink);
    if (person.atTerminal && !stop.signal.aborted && (await person.inConsole(one))) {
      explain('The show is over. Look around in the console for as long as you like: it ends with this daemon.');
      await person.untilEnter('  (Enter: go on with a daemon for your own Codex home) ', stop.signal);
    }
  } finally {
    await one.close();
    await two.close();
  }
}

/** The daemon for the person, with the person's Codex home and environment. Runs until Ctrl-C. */
async function serve(): Promise<void> {
  const daemon = await startDaemon({ program, cwd: process.cwd(), env: process.env });
  try {
    const client = await connectWebSocket(daemon.url, { clientInfo, reconnect: false });
    const { codexHome } = client.server;
    await client.close();
    // The command that a person or an editor starts. It finds a Node itself.
    howToConnect(daemon, path.join(packageRoot(), 'bin', 'codexd'), codexHome);
    const how = await Promise.race([daemon.ended, aborted(stop.signal)]);
    if (how !== null) throw new ActFailed(`The daemon ${how}`);
    gap();
    explain('Stopping.');
  } finally {
    await daemon.stop();
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
