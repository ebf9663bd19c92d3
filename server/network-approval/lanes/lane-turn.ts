/**
 * One command's use of a lane, and of one that is a namespace.
 *
 * Threat: a connection of one command is attributed to the next one on the same lane. Rule: the pair of sockets is the
 * command's alone. Its end closes them for good, before anybody else can have the lane. Scope: one pair. Non-scope: who
 * gets which pair (lanes.ts).
 */
import net from 'node:net';
import type { Lane, SocketPair } from './lane.js';

/** One command's use of a lane. */
export interface LaneTurn {
  /** Empty where a lane is no namespace. */
  readonly enter: readonly string[];
  /** Null where a lane is no namespace. */
  readonly networkNamespace: number | null;
  readonly httpPort: number;
  readonly socksPort: number;
  /**
   * Only where a lane is a port that others can reach, too (port-turn.ts): says which processes are the command's. Call
   * it once, before the command starts; `contains` may be called until the end.
   */
  claim?(contains: (pid: number) => boolean): void;
  /**
   * Starts to accept. Every connection that is passed on belongs to this command, from the first byte to the last: on a
   * lane that is a namespace all of them do.
   */
  accept(onHttp: (socket: net.Socket) => void, onSocks: (socket: net.Socket) => void): void;
  /** Closes the pair. `reusable`: no process of the command remains in the namespace. Idempotent. */
  end(options: { readonly reusable: boolean }): void;
}

/** How a use of a namespace ended. `used`: the pair has accepted connections. */
export interface TurnEnd {
  readonly used: boolean;
  readonly reusable: boolean;
}

/** `onEnd` is called once, when the pair is closed. */
export function createLaneTurn(
  lane: Pick<Lane, 'enter' | 'networkNamespace'>,
  pair: SocketPair,
  onEnd: (end: TurnEnd) => void,
): LaneTurn {
  const servers: net.Server[] = [];
  let ended = false;
  return {
    enter: lane.enter,
    networkNamespace: lane.networkNamespace,
    httpPort: pair.http.port,
    socksPort: pair.socks.port,
    accept: (onHttp, onSocks) => {
      servers.push(listen(pair.http.handle, onHttp), listen(pair.socks.handle, onSocks));
    },
    end: ({ reusable }) => {
      if (ended) return;
      ended = true;
      // Closing the listening sockets detaches them from every command: see the rule above.
      for (const server of servers) server.close();
      onEnd({ used: servers.length > 0, reusable });
    },
  };
}

function listen(handle: object, onConnection: (socket: net.Socket) => void): net.Server {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  server.on('error', () => server.close()); // no accept, no connection: the command has no network
  server.listen(handle);
  server.unref();
  return server;
}
