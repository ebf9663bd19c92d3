/**
 * A shape defines how one type of the protocol is read from JSON: what the decoder accepts, which defaults it fills in,
 * and how it names the first error in the protocol's words (docs/protocol/transport.md §1). Shapes are plain JSON, so
 * the build writes them beside the compiled validators, where schema/shape/explain.ts reads them.
 */

/** Integer widths of the protocol, in the spelling of error texts. */
export type IntegerWidth = 'u8' | 'u16' | 'u32' | 'u64' | 'usize' | 'a nonzero usize' | 'i32' | 'i64';

/**
 * How a member of a struct may be missing.
 * - `required`: must be present.
 * - `optional`: absent or null; a peer may omit it. Decodes to null.
 * - `nullish`: absent or null is accepted, but the writer always writes it (null included). Decodes to null.
 * - `omitted`: absent or null is accepted; the writer omits it instead of writing null. Decodes to null.
 * - `patch`: absent means "do not change", null means "clear". Decodes to the received value.
 * - `defaulted`: absent gives the default, null is an error; always written.
 * - `omittable`: absent gives the default, null is an error; the writer may omit it.
 */
export type Presence = 'required' | 'optional' | 'nullish' | 'omitted' | 'patch' | 'defaulted' | 'omittable';

export interface FieldShape {
  readonly presence: Presence;
  readonly of: Shape;
  readonly default?: unknown;
  /** Needs `capabilities.experimentalApi` (docs/protocol/transport.md §3). */
  readonly gated?: true;
  /** Added by codexd (schema/protocol/approvals/extensions.ts): gated only in generated schemas. */
  readonly addition?: true;
}

/** The required format of a string. `expecting` in error texts follows from it. */
export type StringFormat = 'path' | 'absolutePath' | 'pathUri' | 'uuid' | 'nonEmpty';

export interface StructShape {
  readonly kind: 'struct';
  /** The name in error texts. A part of another type has none. */
  readonly called?: string;
  readonly fields: Readonly<Record<string, FieldShape>>;
  /** Shapes with members among this struct's own members. */
  readonly flatten?: readonly Shape[];
  /** Unknown members are an error (elsewhere they are ignored). */
  readonly strict?: true;
}

export interface VariantShape {
  /** Null: a bare word without content. */
  readonly of: Shape | null;
  /**
   * In a choice of the params: choosing it needs `capabilities.experimentalApi`, and the descriptor is the type's name
   * and the word. In a tagged union: only generated schemas with --experimental contain it.
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
  /** `older`: the form of earlier clients, converted by schema/shape/older-forms.ts. */
  | {
      readonly kind: 'list';
      readonly of: Shape;
      readonly older?: { readonly rewrite: 'dynamicTools'; readonly of: Shape };
    }
  | StructShape
  /** One of several structs, selected by the member `tag`. `open`: words of later versions are accepted. */
  | {
      readonly kind: 'tagged';
      readonly tag: string;
      readonly called?: string;
      readonly variants: Readonly<Record<string, VariantShape>>;
      readonly open?: true;
    }
  /** A bare word, or an object with the word as its only key. `open`: words of later versions are accepted. */
  | { readonly kind: 'choice'; readonly variants: Readonly<Record<string, VariantShape>>; readonly open?: true }
  /** The first member that matches. */
  | { readonly kind: 'untagged'; readonly called?: string; readonly of: readonly Shape[] }
  /** A named type. Its shape is in the table of definitions. */
  | { readonly kind: 'ref'; readonly name: string };

/** Named types by name. */
export type Definitions = Readonly<Record<string, Shape>>;
