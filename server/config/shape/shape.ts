/**
 * A small typed description of configuration files: which keys there are, of which type, with which default. Checking,
 * error texts, unknown keys, the answer of config/read and the JSON Schema all come from it.
 */

import type { TomlTable } from '../toml/value.js';

export type IntegerType = 'i32' | 'i64' | 'u8' | 'u16' | 'u32' | 'u64' | 'usize' | 'a nonzero u64' | 'a nonzero usize';

interface Described {
  /** One sentence for people who edit the file; empty for keys that codexd passes over. */
  readonly doc: string;
  /** What config/read shows when the key is not set; undefined: `null`. */
  readonly fallback?: unknown;
  /** What is below is a secret (redact.ts). */
  readonly secret?: Secrecy;
}

/**
 * From whom a secret is kept: `wire`: from everybody who reads the configuration; `people`: only from who looks at it.
 */
export type Secrecy = 'wire' | 'people';

export type Shape = Described &
  (
    | { readonly kind: 'string' }
    /** A path; shown absolute, resolved against the folder of its file. */
    | { readonly kind: 'path' }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'integer'; readonly type: IntegerType }
    | { readonly kind: 'float' }
    | { readonly kind: 'any' }
    /** Checked, but not shown: another spelling of a key beside it. */
    | { readonly kind: 'hidden'; readonly of: Shape }
    /** A key that must not be there: what to write instead is said in the error. */
    | { readonly kind: 'refused'; readonly text: string }
    | { readonly kind: 'enum'; readonly values: readonly string[]; readonly shownAs?: Readonly<Record<string, string>> }
    | { readonly kind: 'list'; readonly of: Shape }
    | { readonly kind: 'map'; readonly of: Shape; readonly semanticCheck?: SemanticCheck }
    | TableShape
    /** The first form that fits counts; a value that fits none is a mismatch with the union's name. */
    | { readonly kind: 'union'; readonly name: string; readonly forms: readonly Shape[] }
    /** One of several words, or a table with exactly one key that names a variant with content. */
    | {
        readonly kind: 'variants';
        readonly words: readonly string[];
        readonly tables: Readonly<Record<string, TableShape>>;
        /** The order in which an error lists them. */
        readonly order: readonly string[];
        readonly shownAs?: Readonly<Record<string, string>>;
      }
    /** A table whose `tag` key says which fields it has. */
    | {
        readonly kind: 'tagged';
        readonly name: string;
        readonly tag: string;
        readonly variants: Readonly<Record<string, TableShape>>;
      }
  );

/** What is wrong with keys that are each of the right type; null: nothing. */
export type SemanticCheck = (table: TomlTable) => string | null;

export type Fields = Readonly<Record<string, Shape>>;

export interface TableShape extends Described {
  readonly kind: 'table';
  /** The type name that error texts use (a wire fact). */
  readonly name: string;
  readonly fields: Fields;
  readonly required: readonly string[];
  /** The shape of keys that are not fields; null: such keys are unknown. */
  readonly rest: Shape | null;
  /** Of the keys that `rest` takes, those that are known; null: all of them. */
  readonly restKnown: ((key: string) => boolean) | null;
  /** Unknown keys are an error instead of a warning. */
  readonly closed: boolean;
  /**
   * Where errors inside are reported: `rest`: those in keys that `rest` takes at this table, `all`: all of them
   * (what the reference does for flattened tables); null: where they are.
   */
  readonly opaque: 'rest' | 'all' | null;
  /** Keys that are left out of config/read while unset instead of being shown as null. */
  readonly sparse: boolean;
  readonly semanticCheck: SemanticCheck | null;
  /** Defaults that depend on what else is there. */
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
