/**
 * One command's use of a lane, and of one that is a namespace.
 *
 * Threat: a connection of one command is attributed to the next one on the same lane. Rule: the pair of sockets is the
 * command's alone. Its end closes them for good, before anybody else can have the lane. Scope: one pair. Non-scope: who
 * gets which pair (lanes.ts).
 */
import type dgram from 'node:dgram';
import net from 'node:net';
import { emptyResolvers } from './empty-resolvers.js';
import type { LaneNamespace } from '../registration/registration.js';
import type { Lane, SocketPair } from './lane.js';

/** One command's use of a lane. */
export interface LaneTurn {
  /** Empty where a lane is no namespace. */
  readonly enter: readonly string[];
  /** Null where a lane is no namespace. */
  readonly networkNamespace: number | null;
  /** Absent where a lane is no namespace. */
  readonly lane?: LaneNamespace;
  readonly httpPort: number;
  readonly socksPort: number;
  /** In a lane for `transparent_tcp`: whether it has IPv6 as well. */
  readonly transparent?: { readonly ipv6: boolean };
  /**
   * Only where a lane is a port that others can reach, too (port-turn.ts): says which processes are the command's. Call
   * it once, before the command starts; `contains` may be called until the end.
   */
  claim?(contains: (pid: number) => boolean): void;
  /**
   * Starts to accept. Every connection that is passed on belongs to this command, from the first byte to the last: on a
   * lane that is a namespace all of them do.
   */
  accept(
    onHttp: (socket: net.Socket) => void,
    onSocks: (socket: net.Socket) => void,
    transparent?: TransparentHandlers,
  ): void;
  /** Closes the pair. `reusable`: no process of the command remains in the namespace. Idempotent. */
  end(options: { readonly reusable: boolean }): void;
}

/** For a lane of `transparent_tcp`. */
export interface TransparentHandlers {
  /** The socket's own address and port are those that the client asked for. */
  readonly connection: (socket: net.Socket) => void;
  /** A datagram to a name server. `answer` sends one back in that server's name. */
  readonly question: (message: Buffer, answer: (message: Buffer) => void) => void;
}

/** How a use of a namespace ended. `used`: the pair has accepted connections. */
export interface TurnEnd {
  readonly used: boolean;
  readonly reusable: boolean;
}

/** `onEnd` is called once, when the pair is closed and the resolvers have nothing of this command any more. */
export function createLaneTurn(
  lane: Pick<Lane, 'enter' | 'networkNamespace' | 'resolvers'>,
  pair: SocketPair,
  onEnd: (end: TurnEnd) => void,
): LaneTurn {
  const servers: net.Server[] = [];
  let ended = false;
  return {
    enter: lane.enter,
    networkNamespace: lane.networkNamespace,
    lane,
    httpPort: pair.http.port,
    socksPort: pair.socks.port,
    ...(pair.transparent.length === 0 ? {} : { transparent: { ipv6: pair.transparent.length > 1 } }),
    accept: (onHttp, onSocks, transparent) => {
      servers.push(listen(pair.http.handle, onHttp), listen(pair.socks.handle, onSocks));
      if (transparent === undefined) return;
      servers.push(...pair.transparent.map(({ handle }) => listen(handle, transparent.connection)));
      for (const resolver of lane.resolvers) answerWith(resolver, transparent.question);
    },
    end: ({ reusable }) => {
      if (ended) return;
      ended = true;
      // Closing the listening sockets detaches them from every command: see the rule above.
      for (const server of servers) server.close();
      for (const resolver of lane.resolvers) resolver.removeAllListeners('message');
      const used = servers.length > 0;
      if (!used || !reusable || lane.resolvers.length === 0) return onEnd({ used, reusable });
      // Nobody has the lane until the questions of this command are gone.
      void emptyResolvers(lane.resolvers).then((isEmpty) => onEnd({ used, reusable: isEmpty }));
    },
  };
}

function answerWith(resolver: dgram.Socket, question: TransparentHandlers['question']): void {
  resolver.on('message', (message, { address, port }) =>
    question(message, (answer) => resolver.send(answer, port, address, () => {})),
  );
}

function listen(handle: object, onConnection: (socket: net.Socket) => void): net.Server {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  server.on('error', () => server.close()); // no accept, no connection: the command has no network
  server.listen(handle);
  server.unref();
  return server;
}
