/** Clients that connect at once, each until the answer to `initialize`. */
import { WebSocket } from 'ws';
import { timed, type Measure, type Sampler } from '../measure.js';
import { serve } from '../serve.js';
import { makePlace, type Target } from '../targets.js';

const CLIENTS = 100;

export const connections = connecting('connections', `${CLIENTS} WebSocket clients, initialized`, 2);
/** Node's own code for HTTP and sockets is optimized by then; a daemon runs for days. */
export const connectionsLater = connecting('connections-later', `the same, after ${40 * CLIENTS} others`, 40);

function connecting(name: string, title: string, warmUp: number): Measure {
  return { name, title, unit: 'ms', budget: { atMost: 1 }, rounds: 31, warmUp, prepare: serveClients };
}

async function serveClients(target: Target): Promise<Sampler> {
  const place = makePlace(target, 'plain');
  const served = await serve(target, place);
  return {
    sample: async () => {
      const sockets: WebSocket[] = [];
      const ms = await timed(() => connectAll(served.url, CLIENTS, sockets));
      const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of sockets) socket.close();
      await Promise.all(closed);
      return ms;
    },
    close: async () => {
      await served.close();
      place.remove();
    },
  };
}

/** Connects that many clients at once, and enters them in `sockets`. */
export async function connectAll(url: string, count: number, sockets: WebSocket[]): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => connect(url, sockets)));
}

function connect(url: string, sockets: WebSocket[]): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () =>
      socket.send('{"id":1,"method":"initialize","params":{"clientInfo":{"name":"bench","version":"1"}}}'),
    );
    socket.on('message', (data: Buffer) => {
      if (data.includes('"id":1')) resolve();
    });
  });
}
