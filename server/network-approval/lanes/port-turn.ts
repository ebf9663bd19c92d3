/**
 * One command's use of a lane that is a pair of ports.
 *
 * Threat: a connection of another process is served as the command's. Rule: a connection is served only if the
 * attribution gives it to this turn's claim, which begins with `accept` and ends with `end`. Scope: one command.
 * Non-scope: how the owner of a connection is found (attribution.ts), and whose the ports are.
 */
import type net from 'node:net';
import { fault } from '../../errors/fault.js';
import type { Attribution, ProxyKind } from './attribution.js';
import type { LaneTurn } from './lane-turn.js';
import type { PortPair } from './port-pair.js';

/** `onEnd` is called once, when no connection is accepted for the command any more. */
export function createPortTurn(
  pair: Pick<PortPair, 'httpPort' | 'socksPort'>,
  attribution: Pick<Attribution, 'add'>,
  onEnd: () => void,
): LaneTurn {
  let contains: ((pid: number) => boolean) | null = null;
  let withdraw: (() => void) | null = null;
  let ended = false;
  return {
    enter: [],
    networkNamespace: null,
    httpPort: pair.httpPort,
    socksPort: pair.socksPort,
    claim(of) {
      if (contains !== null) throw fault('a lane has two commands');
      contains = of;
    },
    accept(onHttp, onSocks) {
      if (withdraw !== null) throw fault('a lane is accepted twice');
      if (ended) return; // The daemon is shutting down.
      withdraw = attribution.add({
        get contains() {
          return contains;
        },
        serve: (kind: ProxyKind, socket: net.Socket) => (kind === 'http' ? onHttp : onSocks)(socket),
      });
    },
    end() {
      if (ended) return;
      ended = true;
      withdraw?.();
      onEnd();
    },
  };
}
