/**
 * Programs under Wine, with pipes, for the comparison of codexd with the official Windows program. One broker under
 * Wine starts all of them.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { endWine, NODE, wine } from '../wine.mjs';
import { MOUNT } from './paths.mjs';

/** The Node under which codexd runs here. */
const MAJOR = 20;
const OFFICIAL = 'official';

/**
 * A program to compare: its file and first arguments in Windows' spelling.
 * @typedef {object} Side
 * @property {string} name
 * @property {string} file
 * @property {string[]} args
 */

/** @type {Side} */
export const CODEXD = { name: 'codexd', file: NODE, args: ['C:\\node_modules\\codexd\\bin\\codexd.cjs'] };
/** @type {Side} */
export const CODEX_EXE = { name: 'codex.exe', file: `C:\\${OFFICIAL}\\bin\\codex.exe`, args: [] };

/**
 * Where the broker listens.
 * @typedef {{ port: number, secret: string }} Broker
 */

/**
 * Starts Wine with `folder` as C:\parity and, if it is given, the official program's folder (the one that contains
 * bin/codex.exe).
 * @param {string} folder
 * @param {string} [official]
 * @returns {Promise<{ broker: Broker, end: () => Promise<void> }>}
 */
export async function startBroker(folder, official) {
  // The server of an earlier run would look for files in the folders that this one had.
  await endWine(MAJOR);
  const secret = randomUUID();
  const portFile = path.join(folder, `port-${secret}`);
  fs.copyFileSync(new URL('broker.cjs', import.meta.url), path.join(folder, 'broker.cjs'));
  let ended = false;
  const running = wine(MAJOR, [NODE, `C:\\${MOUNT}\\broker.cjs`, `C:\\${MOUNT}\\${path.basename(portFile)}`, secret], {
    timeoutMs: 6 * 3_600_000,
    mounts: { [MOUNT]: folder, ...(official === undefined ? {} : { [OFFICIAL]: official }) },
  }).then((outcome) => {
    ended = true;
    return outcome;
  });
  while (!fs.existsSync(portFile)) {
    if (ended) throw new Error(`Windows' Node does not start under Wine: ${(await running).out.slice(0, 400)}`);
    await wait(50);
  }
  const port = Number(fs.readFileSync(portFile, 'utf8'));
  return {
    broker: { port, secret },
    end: async () => {
      await endWine(MAJOR);
      await running;
    },
  };
}

/**
 * A running program. `closed` has its exit code, or null if it could not start or its connection broke.
 * @typedef {object} Program
 * @property {(text: string | Uint8Array) => void} write
 * @property {() => void} end closes its stdin
 * @property {() => void} kill
 * @property {() => void} abandon closes the connection, which ends the program
 * @property {Promise<number | null>} closed
 */

/**
 * @param {Broker} broker
 * @param {{ file: string, args: string[], env: Record<string, string>, cwd: string }} what in Windows' spelling
 * @param {{ out: (data: Buffer) => void, err: (data: Buffer) => void }} to
 * @returns {Program}
 */
export function startProgram({ port, secret }, what, to) {
  const socket = net.connect(port, '127.0.0.1');
  const send = (/** @type {object} */ message) => socket.writable && socket.write(`${JSON.stringify(message)}\n`);
  send({ secret, ...what });
  /** @type {number | null} */
  let code = null;
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (text) => {
    const lines = (rest + String(text)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line);
      if (message.out !== undefined) to.out(Buffer.from(message.out, 'base64'));
      if (message.err !== undefined) to.err(Buffer.from(message.err, 'base64'));
      if (message.error !== undefined) to.err(Buffer.from(`${message.error}\n`));
      if (message.exit !== undefined) code = message.exit;
    }
  });
  return {
    write: (text) => send({ in: Buffer.from(text).toString('base64') }),
    end: () => send({ end: true }),
    kill: () => send({ kill: true }),
    abandon: () => socket.destroy(),
    closed: new Promise((done) => {
      socket.once('close', () => done(code));
    }),
  };
}

/**
 * What the official program needs in its home: it cannot write this file itself under Wine.
 * @param {string} home
 */
export function prepareHome(home) {
  const file = path.join(home, 'installation_id');
  if (fs.existsSync(home) && !fs.existsSync(file)) fs.writeFileSync(file, randomUUID());
}
