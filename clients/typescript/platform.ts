/**
 * Types of the platform, where the platform declares them. The client's declarations need neither Node's types nor a
 * browser's types: an application may compile without either.
 */

/** The platform's AbortSignal. Without that type: the members that the client uses. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : {
      readonly aborted: boolean;
      readonly reason: unknown;
      addEventListener(kind: 'abort', listener: () => void, options?: { once?: boolean }): void;
      removeEventListener(kind: 'abort', listener: () => void): void;
      throwIfAborted(): void;
    };

/** Node's Buffer where its type exists, otherwise Uint8Array. */
export type Bytes = typeof globalThis extends { Buffer: { alloc(size: number): infer B } } ? B : Uint8Array;

/** A URL as text or as the platform's URL object. */
export type UrlLike = string | { readonly href: string };

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;
