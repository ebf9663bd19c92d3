/**
 * The lanes of Windows: one pair of loopback ports for all commands of a daemon.
 *
 * Threat: a port that the rules of the firewall leave open is reachable for every command of the sandbox's user, those
 * without network and those of other daemons included.
 * Rule: a daemon listens only on ports that the set-up has left open, on a pair that it has for itself. Each connection
 * is given to the command that the system names, or closed (attribution.ts).
 * Commands share the ports, so no command waits for another one, and there are no shares of owners. If no pair is free,
 * the command is refused, and the next one tries again. If the set-up names other ports later, the next command gets
 * those; the earlier ones stay until their commands have ended.
 * Scope: which ports, and until when. Non-scope: that the firewall closes all others (sandbox/windows). A program that
 * listens on a port of the set-up that no daemon uses: commands can reach it, as they can reach the daemon.
 */
import { laneError } from '../../errors/network-errors.js';
import type { OwnerOf } from '../../system/programs/connection-owner.js';
import { Attribution, type AttributionOptions } from './attribution.js';
import type { LaneTurn } from './lane-turn.js';
import type { LaneCounts, LanePool, LaneRequest } from './lanes.js';
import { bindPair, type PortPair } from './port-pair.js';
import { createPortTurn } from './port-turn.js';

export interface SharedPortsOptions extends Pick<AttributionOptions, 'log'> {
  /** The ports that commands may connect to, at this moment. Throws `network.lane` if there are none. */
  readonly ports: () => readonly number[];
  /** Asked for when a pair is bound. */
  readonly owners: () => Promise<OwnerOf>;
}

export function createSharedPortLanes(options: SharedPortsOptions): LanePool {
  return new SharedPorts(options);
}

/** A bound pair, with those who use it. */
interface Gate {
  readonly pair: PortPair;
  readonly attribution: Attribution;
  readonly turns: Set<LaneTurn>;
}

class SharedPorts implements LanePool {
  readonly #options: SharedPortsOptions;
  readonly #gates = new Set<Gate>();
  /** Commands that come meanwhile get the same pair, or the same refusal, in their order. */
  #binding: Promise<Gate> | null = null;
  #made = 0;
  /** The refused connections of closed pairs. */
  #refused = 0;
  #closed = false;

  constructor(options: SharedPortsOptions) {
    this.#options = options;
  }

  async acquire({ signal }: LaneRequest): Promise<LaneTurn> {
    signal?.throwIfAborted();
    const gate = await this.#gate();
    signal?.throwIfAborted();
    if (this.#closed) throw shuttingDown();
    const turn = createPortTurn(gate.pair, gate.attribution, () => {
      gate.turns.delete(turn);
      this.#retire();
    });
    gate.turns.add(turn);
    return turn;
  }

  /** Nothing costs time here. A pair is taken from other daemons only for a command. */
  warm(): void {}

  counts(): LaneCounts {
    const gates = [...this.#gates];
    const sum = (of: (gate: Gate) => number): number => gates.reduce((all, gate) => all + of(gate), 0);
    return {
      idle: gates.filter(({ turns }) => turns.size === 0).length,
      inUse: sum(({ turns }) => turns.size),
      made: this.#made,
      slots: 0,
      refused: this.#refused + sum(({ attribution }) => attribution.refused),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#binding?.catch(() => undefined);
    for (const gate of this.#gates) {
      for (const turn of [...gate.turns]) turn.end({ reusable: false });
      this.#drop(gate);
    }
  }

  /** The pair for a new command: one of today's ports. */
  async #gate(): Promise<Gate> {
    if (this.#closed) throw shuttingDown();
    const ports = this.#options.ports();
    const usable = [...this.#gates].find(({ pair }) => isOf(ports, pair));
    if (usable !== undefined) return usable;
    this.#binding ??= this.#bind(ports).finally(() => (this.#binding = null));
    return this.#binding;
  }

  async #bind(ports: readonly number[]): Promise<Gate> {
    const attribution = new Attribution({
      ownerOf: await this.#options.owners(),
      strict: true,
      log: this.#options.log,
    });
    const pair = await bindPair(ports, (kind, socket) => attribution.accept(kind, socket));
    if (pair === null) throw allTaken(ports);
    const gate: Gate = { pair, attribution, turns: new Set() };
    this.#made++;
    this.#gates.add(gate);
    this.#retire();
    return gate;
  }

  /** Closes the pairs of an earlier set-up that no command uses. */
  #retire(): void {
    const newest = [...this.#gates].at(-1);
    for (const gate of this.#gates) if (gate !== newest && gate.turns.size === 0) this.#drop(gate);
  }

  #drop(gate: Gate): void {
    gate.pair.close();
    gate.attribution.close();
    this.#refused += gate.attribution.refused;
    this.#gates.delete(gate);
  }
}

const isOf = (ports: readonly number[], { httpPort, socksPort }: PortPair): boolean =>
  ports.includes(httpPort) && ports.includes(socksPort);

const shuttingDown = (): Error => laneError('the daemon is shutting down', 'Start it again');

const allTaken = (ports: readonly number[]): Error =>
  laneError(
    `no pair of the ports that the Windows sandbox leaves open is free (${ports.join(', ')}): other codexd daemons or other programs have them`,
    'End one of them (netstat -ano names it), or run `codexd windows-sandbox-setup` again',
  );
