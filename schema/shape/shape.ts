/**
 * A shape says how one type of the protocol is read from JSON: what the decoder must know to accept a value, to fill in
 * what was left out, and to name the first offence in the protocol's words (docs/protocol/transport.md §1). Shapes are
 * plain JSON, so that the build can write them beside the compiled validators (schema/shape/explain.ts reads them
 * there).
 */

/** Integer widths of the protocol; error texts name them as they are spelled here. */
export type IntegerWidth = 'u8' | 'u16' | 'u32' | 'u64' | 'usize' | 'a nonzero usize' | 'i32' | 'i64';

/**
 * How a member of a struct may be missing.
 * - `required`: must be there.
 * - `optional`: absent or null; a peer may leave it out. Decodes to null.
 * - `nullish`: absent or null is accepted, but who writes it always writes it (null included). Decodes to null.
 * - `omitted`: absent or null is accepted; who writes it leaves it out instead of writing null. Decodes to null.
 * - `patch`: absent means "leave as it is", null means "clear". Decodes to what was sent.
 * - `defaulted`: absent takes the default, null is an error; always written.
 * - `omittable`: absent takes the default, null is an error; may be left out by who writes it.
 */
export type Presence = 'required' | 'optional' | 'nullish' | 'omitted' | 'patch' | 'defaulted' | 'omittable';

export interface FieldShape {
  readonly presence: Presence;
  readonly of: Shape;
  readonly default?: unknown;
  /** Only with `capabilities.experimentalApi` (docs/protocol/transport.md §3). */
  readonly gated?: true;
  /** Of our own (schema/protocol/approvals/extensions.ts): gated in generated schemas alone. */
  readonly addition?: true;
}

/** What a string must look like beyond being one; `expecting` in error texts follows from it. */
export type StringFormat = 'path' | 'absolutePath' | 'pathUri' | 'uuid' | 'nonEmpty';

export interface StructShape {
  readonly kind: 'struct';
  /** Its name in error texts; a part of another type has none. */
  readonly called?: string;
  readonly fields: Readonly<Record<string, FieldShape>>;
  /** Shapes whose members stand among this struct's own. */
  readonly flatten?: readonly Shape[];
  /** Unknown members are an error (elsewhere they are ignored). */
  readonly strict?: true;
}

export interface VariantShape {
  /** Null: a bare word without content. */
  readonly of: Shape | null;
  /**
   * In a choice of the params: choosing it needs `capabilities.experimentalApi`; the type's name and the word are the
   * descriptor. In a tagged union: generated schemas list it with --experimental alone.
   */
  readonly gated?: true;
  /** An older word that is read as this one and never written. */
  readonly insteadOf?: string;
}

export type Shape =
  | { readonly kind: 'json' | 'boolean' | 'float' | 'unit' }
  | { readonly kind: 'string'; readonly format?: StringFormat; readonly called?: string }
  | { readonly kind: 'integer'; readonly width: IntegerWidth }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'dict' | 'nullable'; readonly of: Shape }
  /** `older`: the members' form of earlier clients, rewritten by schema/protocol/threads/dynamic-tools.ts. */
  | {
      readonly kind: 'list';
      readonly of: Shape;
      readonly older?: { readonly rewrite: 'dynamicTools'; readonly of: Shape };
    }
  | StructShape
  /** One of several structs, told apart by the member `tag`. `open`: words of later versions pass. */
  | {
      readonly kind: 'tagged';
      readonly tag: string;
      readonly called?: string;
      readonly variants: Readonly<Record<string, VariantShape>>;
      readonly open?: true;
    }
  /** A bare word, or an object whose single key is the word. `open`: words of later versions pass. */
  | { readonly kind: 'choice'; readonly variants: Readonly<Record<string, VariantShape>>; readonly open?: true }
  /** The first member that fits. */
  | { readonly kind: 'untagged'; readonly called?: string; readonly of: readonly Shape[] }
  /** A named type; its shape stands in the table of definitions. */
  | { readonly kind: 'ref'; readonly name: string };

/** Named types by name. */
export type Definitions = Readonly<Record<string, Shape>>;
