/**
 * The tool calls of one answer, assembled from the pieces of a stream. Servers differ in how they identify a call: the
 * id decides, then the index, then the position in the list.
 */
import { randomUUID } from 'node:crypto';
import { argumentsText } from '../provider/arguments-text.js';

/** A piece of a call, as a server sends it. Every member may be missing or null. */
export interface CallDelta {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly type?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
  readonly [member: string]: unknown;
}

export interface ChatCall {
  /** The server's id, else one that codexd made. */
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** Other members of the call, which the server may need back (a thought signature). */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A call that still grows: always the same object, and the piece of its arguments that came now. */
export interface GrownCall {
  readonly call: Readonly<OpenCall>;
  readonly piece: string;
}

interface OpenCall {
  id: string | null;
  name: string;
  arguments: string;
  readonly extra: Record<string, unknown>;
}

const KNOWN = new Set(['index', 'id', 'type', 'function']);

export class ChatCalls {
  readonly #calls: OpenCall[] = [];
  readonly #at = new Map<number, OpenCall>();
  readonly #byId = new Map<string, OpenCall>();

  /** `position`: the index in the chunk's list. Returns the call as far as it is known now. */
  grow(delta: CallDelta, position: number): GrownCall {
    const id = delta.id === '' ? null : (delta.id ?? null);
    const name = delta.function?.name ?? '';
    const place = typeof delta.index === 'number' ? delta.index : position;
    const call = this.#find(id, name, place, typeof delta.index === 'number') ?? this.#open(place);
    call.id ??= id;
    if (id !== null && call.id === id) this.#byId.set(id, call);
    // Some servers repeat the name with every piece.
    if (call.name === '') call.name = name;
    const piece = argumentsText(delta.function?.arguments);
    call.arguments += piece;
    for (const [member, value] of Object.entries(delta)) if (!KNOWN.has(member)) call.extra[member] = value;
    return { call, piece };
  }

  /** All calls, in the order in which they began. */
  whole(): readonly ChatCall[] {
    return this.#calls.map(({ id, ...call }) => ({ ...call, id: id ?? `call_${randomUUID()}` }));
  }

  get size(): number {
    return this.#calls.length;
  }

  #find(id: string | null, name: string, place: number, indexed: boolean): OpenCall | undefined {
    const named = id === null ? undefined : this.#byId.get(id);
    // The same id with another index is another call: some servers number ids from the start in each chunk.
    if (named !== undefined && (!indexed || this.#at.get(place) === named)) return named;
    const at = this.#at.get(place);
    if (at === undefined) return undefined;
    // Another id with a name is a new call: such servers give every call the first index. An id alone continues the
    // call.
    if (id !== null && at.id !== null && id !== at.id && name !== '') return undefined;
    // Without id and index, after a complete call: a name begins the next one.
    if (id === null && !indexed && name !== '' && at.name !== '' && isWhole(at.arguments)) return undefined;
    return at;
  }

  #open(place: number): OpenCall {
    const call: OpenCall = { id: null, name: '', arguments: '', extra: {} };
    this.#calls.push(call);
    this.#at.set(place, call);
    return call;
  }
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false; // avoids parsing a long text with every piece
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
