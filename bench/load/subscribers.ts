/**
 * Runs as a process of its own: clients that listen to one thread, and clients that subscribe and then read nothing.
 *
 * `node subscribers.js URL THREAD LISTENING SILENT` prints `ready` when all have subscribed, and after the end of the
 * turn the number of deltas that each listening client received, as a JSON list.
 */
import { WebSocket } from 'ws';

const [, , url = '', threadId = '', listening = '0', silent = '0'] = process.argv;
const DELTA = Buffer.from('"item/agentMessage/delta"');
const END = Buffer.from('"turn/completed"');

const sockets: WebSocket[] = [];
const ends: Promise<number>[] = [];
for (let n = 0; n < Number(listening) + Number(silent); n++) {
  const socket = await subscribe();
  sockets.push(socket);
  if (n >= Number(listening)) socket.pause();
  else ends.push(deltasOf(socket));
}
console.log('ready');
console.log(JSON.stringify(await Promise.all(ends)));
for (const socket of sockets) socket.terminate();

async function subscribe(): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const clientInfo = { name: 'bench', version: '1' };
  await ask(socket, 1, 'initialize', { clientInfo, capabilities: { experimentalApi: true } });
  socket.send('{"method":"initialized"}');
  await ask(socket, 2, 'thread/resume', { threadId, excludeTurns: true });
  return socket;
}

function ask(socket: WebSocket, id: number, method: string, params: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const read = (data: Buffer): void => {
      const answer = JSON.parse(String(data)) as { readonly id?: number; readonly error?: unknown };
      if (answer.id !== id) return;
      socket.off('message', read);
      if (answer.error === undefined) resolve();
      else reject(new Error(`${method}: ${JSON.stringify(answer.error)}`));
    };
    socket.on('message', read);
    socket.send(JSON.stringify({ id, method, params }));
  });
}

function deltasOf(socket: WebSocket): Promise<number> {
  let deltas = 0;
  return new Promise((resolve, reject) => {
    socket.on('close', (code) => reject(new Error(`a subscriber was cut off: ${code}`)));
    socket.on('message', (data: Buffer) => {
      if (data.includes(DELTA)) deltas++;
      else if (data.includes(END)) resolve(deltas);
    });
  });
}
