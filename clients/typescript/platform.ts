/**
 * Types that the platform gives, as far as it does: the client's declarations name neither Node's types nor a
 * browser's, which who compiles against them may not have.
 */

/** The platform's AbortSignal; without one, what is used of it here. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : {
      readonly aborted: boolean;
      readonly reason: unknown;
      addEventListener(kind: 'abort', listener: () => void, options?: { once?: boolean }): void;
      removeEventListener(kind: 'abort', listener: () => void): void;
      throwIfAborted(): void;
    };

/** Node's Buffer where there are types for it, else what it is, too. */
export type Bytes = typeof globalThis extends { Buffer: { alloc(size: number): infer B } } ? B : Uint8Array;

/** A URL as text or as the platform's object. */
export type UrlLike = string | { readonly href: string };

/** The environment of a program. */
export type Environment = Readonly<Record<string, string | undefined>>;
