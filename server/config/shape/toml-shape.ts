/**
 * A typed description of configuration files: the keys, their types and their defaults. The checks, the error texts,
 * the unknown keys, the answer of config/read and the JSON Schema are made from it.
 */

import type { TomlTable } from '../toml/value.js';

export type IntegerType = 'i32' | 'i64' | 'u8' | 'u16' | 'u32' | 'u64' | 'usize' | 'a nonzero u64' | 'a nonzero usize';

interface Described {
  /** One sentence for people who edit the file; empty for keys that codexd ignores. */
  readonly doc: string;
  /** The value that config/read shows for a key that is not set; undefined: `null`. */
  readonly fallback?: unknown;
  /** Every value below this key is a secret (redact.ts). */
  readonly secret?: Secrecy;
}

/**
 * Where a secret is replaced. `wire`: in every output. `people`: only in output for people, not on the wire.
 */
export type Secrecy = 'wire' | 'people';

export type Shape = Described &
  (
    | { readonly kind: 'string' }
    /** A path; shown as absolute, resolved against the folder of its file. */
    | { readonly kind: 'path' }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'integer'; readonly type: IntegerType }
    | { readonly kind: 'float' }
    | { readonly kind: 'any' }
    /** Checked, but not shown: another spelling of a shown key. */
    | { readonly kind: 'hidden'; readonly of: Shape }
    /** A key that is refused; the error says what to write instead. */
    | { readonly kind: 'refused'; readonly text: string }
    | { readonly kind: 'enum'; readonly values: readonly string[]; readonly shownAs?: Readonly<Record<string, string>> }
    | { readonly kind: 'list'; readonly of: Shape }
    | {
        readonly kind: 'map';
        readonly of: Shape;
        readonly semanticCheck?: SemanticCheck;
        /** An entry of another type is a mistake, never foreign: where one that is left out would allow more. */
        readonly strict?: boolean;
      }
    | TableShape
    /** The first matching form counts. A value without a matching form is a mismatch that names the union. */
    | { readonly kind: 'union'; readonly name: string; readonly forms: readonly Shape[] }
    /** One of several words, or a table with exactly one key: the name of a variant with content. */
    | {
        readonly kind: 'variants';
        readonly words: readonly string[];
        readonly tables: Readonly<Record<string, TableShape>>;
        /** The order of the variants in error texts. */
        readonly order: readonly string[];
        readonly shownAs?: Readonly<Record<string, string>>;
      }
    /** A table; the value of its `tag` key decides which fields it has. */
    | {
        readonly kind: 'tagged';
        readonly name: string;
        readonly tag: string;
        readonly variants: Readonly<Record<string, TableShape>>;
      }
  );

/** Why keys with values of the right types do not fit together; null: they do. */
export type SemanticCheck = (table: TomlTable) => string | null;

export type Fields = Readonly<Record<string, Shape>>;

export interface TableShape extends Described {
  readonly kind: 'table';
  /** The type name in error texts (a fact of the protocol). */
  readonly name: string;
  readonly fields: Fields;
  readonly required: readonly string[];
  /** The shape of keys that are not in `fields`; null: such keys are unknown. */
  readonly rest: Shape | null;
  /** Whether a key that `rest` covers is known; null: all of them are. */
  readonly restKnown: ((key: string) => boolean) | null;
  /** Whether unknown keys are errors instead of warnings. */
  readonly closed: boolean;
  /**
   * Which errors inside are reported at the path of this table: `rest`: errors in keys that `rest` covers; `all`: all
   * errors (as the reference does for flattened tables); null: none of them.
   */
  readonly opaque: 'rest' | 'all' | null;
  /** Whether config/read omits keys that are not set, instead of showing null. */
  readonly sparse: boolean;
  readonly semanticCheck: SemanticCheck | null;
  /** Defaults that depend on other keys of the table. */
  readonly derive: ((table: TomlTable) => Readonly<Record<string, unknown>>) | null;
}

type TableOptions = Partial<
  Pick<
    TableShape,
    'doc' | 'fallback' | 'required' | 'rest' | 'restKnown' | 'closed' | 'opaque' | 'sparse' | 'semanticCheck' | 'derive'
  >
>;

export const str = (doc = '', fallback?: string): Shape => withFallback({ kind: 'string', doc }, fallback);
export const path = (doc = ''): Shape => ({ kind: 'path', doc });
export const bool = (doc = '', fallback?: boolean): Shape => withFallback({ kind: 'boolean', doc }, fallback);
export const int = (type: IntegerType, doc = '', fallback?: number): Shape =>
  withFallback({ kind: 'integer', type, doc }, fallback);
export const float = (doc = ''): Shape => ({ kind: 'float', doc });
export const any = (doc = ''): Shape => ({ kind: 'any', doc });
export const hidden = (of: Shape): Shape => ({ kind: 'hidden', of, doc: '' });
export const refused = (text: string): Shape => ({ kind: 'refused', text, doc: '' });
export const oneOf = (values: readonly string[], doc = '', fallback?: string): Shape =>
  withFallback({ kind: 'enum', values, doc }, fallback);
export const list = (of: Shape, doc = '', fallback?: readonly unknown[]): Shape =>
  withFallback({ kind: 'list', of, doc }, fallback);
export const map = (of: Shape, doc = '', fallback?: object, semanticCheck?: SemanticCheck): Shape =>
  withFallback(
    semanticCheck === undefined ? { kind: 'map', of, doc } : { kind: 'map', of, doc, semanticCheck },
    fallback,
  );
export const union = (name: string, forms: readonly Shape[], doc = ''): Shape => ({ kind: 'union', name, forms, doc });
export const tagged = (name: string, tag: string, variants: Readonly<Record<string, TableShape>>, doc = ''): Shape => ({
  kind: 'tagged',
  name,
  tag,
  variants,
  doc,
});
export const table = (name: string, fields: Fields, options: TableOptions = {}): TableShape => ({
  kind: 'table',
  name,
  fields,
  required: [],
  rest: null,
  restKnown: null,
  closed: false,
  opaque: null,
  sparse: false,
  semanticCheck: null,
  derive: null,
  doc: '',
  ...options,
});

/** The same shape, whose values are secrets. */
export const secret = (of: Shape, from: Secrecy = 'people'): Shape => ({ ...of, secret: from });

function withFallback<S extends object>(shape: S, fallback: unknown): S & { fallback?: unknown } {
  return fallback === undefined ? shape : { ...shape, fallback };
}
