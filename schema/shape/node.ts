import type { TUnsafe } from 'typebox';
import type { Presence, Shape } from './wire-shape.js';

/**
 * A type of the protocol: a TypeBox schema (so it is JSON Schema, and `Static` gives its type) that also has a shape
 * (schema/shape/wire-shape.ts) for decoding. schema/shape/kit.ts creates nodes.
 *
 * The static types are declared beside the schemas as phantom types; TypeBox does not compute them. With about 950
 * types this keeps the type checker fast. Each node has three:
 * - `Wire<N>`: as the server writes it (notifications, results, its own requests).
 * - `Input<N>`: as a client may write it: members with a default and nullable members are optional.
 * - `Decoded<N>`: as a handler receives it: defaults filled in, absent members are null.
 */
export interface Node<W = unknown, D = W, I = D> extends TUnsafe<W> {
  readonly '~decoded': D;
  readonly '~input': I;
  readonly shape: Shape;
  /** The type's name, if any. Other types then refer to it by name. */
  readonly $id?: string;
  /** The named nodes that this one refers to. */
  readonly parts: readonly Node[];
}
export type Wire<N extends Node> = N['~unsafe'];
export type Decoded<N extends Node> = N['~decoded'];
export type Input<N extends Node> = N['~input'];

/**
 * The forms in which a member's key may be missing: `required` none; `always` only the input; `wire` also the wire
 * form; `both` also the decoded form (absence has its own meaning).
 */
export type Missing = 'required' | 'always' | 'wire' | 'both';

/** A member of a struct that is not just required. */
export interface Field<W = unknown, D = W, I = D, M extends Missing = Missing> {
  readonly '~unsafe': W;
  readonly '~decoded': D;
  readonly '~input': I;
  readonly '~missing': M;
  readonly presence: Presence;
  readonly node: Node;
  readonly default?: unknown;
  readonly gated?: true;
  readonly addition?: true;
}
export type Fields = Readonly<Record<string, Node | Field>>;

// ---- static types of structs and unions ----

export type Form = '~unsafe' | '~decoded' | '~input';
/** The members with an optional key in a form. */
type MayMiss<X extends Form> = {
  readonly '~missing': { '~unsafe': 'wire' | 'both'; '~decoded': 'both'; '~input': 'always' | 'wire' | 'both' }[X];
};
export type Flat<T> = T extends unknown ? { [K in keyof T]: T[K] } : never;
export type Members<F extends Fields, X extends Form> = {
  -readonly [K in keyof F as F[K] extends MayMiss<X> ? never : K]: F[K][X];
} & { -readonly [K in keyof F as F[K] extends MayMiss<X> ? K : never]?: F[K][X] };

export type Variants = Readonly<Record<string, Fields | Node | Field>>;
type Variant<V, X extends Form> = V extends Node | Field ? V[X] : V extends Fields ? Members<V, X> : never;
export type Tagged<T extends string, V extends Variants, X extends Form> = {
  [K in keyof V]: Flat<{ [P in T]: K } & Variant<V[K], X>>;
}[keyof V];

/** A word of earlier versions: read as the other word, never written. */
export interface OldWord {
  readonly insteadOf: string;
}
export type Choices = Readonly<Record<string, Node | Field | OldWord | null>>;
export type Choice<V extends Choices, X extends Form> = {
  [K in keyof V]: V[K] extends null ? K : V[K] extends Node | Field ? { [P in K]: V[K][X] } : never;
}[keyof V];
