/**
 * The whole body of a request in memory, for the actions of hooks that need all of it.
 *
 * Threat: a command that sends many long bodies at once, or one without end.
 * Rule: each has a limit, and all of one command together have one.
 */
import type { ClientEnd } from '../proxy/http/client-end.js';
import type { BodyFraming } from '../proxy/http/request-head.js';

/** What one command's bodies may take together, in octets: some of the longest. */
const MAX_HELD = 64 * 1024 * 1024;

/** The octets that are left. */
export interface BodyRoom {
  /** False: there is no room for them now. */
  take(octets: number): boolean;
  give(octets: number): void;
}

export function createBodyRoom(limit = MAX_HELD): BodyRoom {
  let held = 0;
  return {
    take(octets) {
      if (held + octets > limit) return false;
      held += octets;
      return true;
    },
    give: (octets) => void (held -= octets),
  };
}

/** Room that one request has taken, given back at once. */
export interface Share {
  take(octets: number): boolean;
  release(): void;
}

export function shareOf(room: BodyRoom): Share {
  let mine = 0;
  return {
    take(octets) {
      if (!room.take(octets)) return false;
      mine += octets;
      return true;
    },
    release() {
      room.give(mine);
      mine = 0;
    },
  };
}

/** `too-long`: for the limit. `no-room`: beside the command's other bodies. `broken`: the client did not send all. */
export async function heldBody(
  client: Pick<ClientEnd, 'body'>,
  framing: BodyFraming,
  limit: number,
  share: Share,
): Promise<Buffer | 'too-long' | 'no-room' | 'broken'> {
  if (framing.kind === 'length' && framing.length > limit) return 'too-long';
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of client.body()) {
      length += piece.length;
      if (length > limit) return 'too-long';
      if (!share.take(piece.length)) return 'no-room';
      pieces.push(piece);
    }
  } catch {
    return 'broken'; // the framing or the client's going away: either way its own, and it is answered
  }
  return Buffer.concat(pieces, length);
}
