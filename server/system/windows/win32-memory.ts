/** Memory that Windows allocated: its bytes and texts. Addresses are numbers, and 0 is none. */
import { systemCalls } from './win32.js';

export type Address = number;

/** A function of a library that answers with a number: a BOOL, a handle, an address or a code. */
export type NativeCall = (...args: unknown[]) => number;

/** The functions of a library by their prototypes, as koffi reads them. */
export const functionsOf = (library: string): ((prototype: string) => NativeCall) => {
  const loaded = systemCalls().load(library);
  return (prototype) => loaded.func(prototype) as NativeCall;
};

export interface Memory {
  /** A copy of `bytes` bytes. */
  copy(from: Address, bytes: number): Buffer;
  /** The UTF-16 text that ends with a zero; '' for none. */
  text(from: Address): string;
  /** LocalFree. */
  free(from: Address): void;
  /** GetLastError, directly after the call that failed. */
  lastError(): number;
}

let bound: Memory | undefined;

/** Throws `machine.native-module`. */
export function memory(): Memory {
  if (bound) return bound;
  const kernel = functionsOf('kernel32.dll');
  const move = kernel('void __stdcall RtlMoveMemory(_Out_ void *to, intptr_t from, size_t bytes)');
  const length = kernel('int __stdcall lstrlenW(intptr_t text)');
  const free = kernel('intptr_t __stdcall LocalFree(intptr_t memory)');
  const lastError = kernel('uint32_t __stdcall GetLastError()');
  const copy = (from: Address, bytes: number): Buffer => {
    const to = Buffer.alloc(bytes);
    if (bytes > 0) move(to, from, bytes);
    return to;
  };
  bound = {
    copy,
    text: (from) => (from === 0 ? '' : copy(from, 2 * length(from)).toString('utf16le')),
    free: (from) => void (from !== 0 && free(from)),
    lastError: () => lastError(),
  };
  return bound;
}

/** The address or handle that a call wrote into a buffer of 8 bytes. */
export const addressIn = (buffer: Buffer, at = 0): Address => Number(buffer.readBigInt64LE(at));

/** A UTF-16 text with its zero, as Windows reads it. */
export const wide = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');

/**
 * Calls `use` with the addresses of texts, one after the other. They are valid until it returns, then they are erased:
 * some are passwords.
 */
export function withTexts<T>(words: readonly string[], use: (addresses: Buffer) => T): T {
  const { address } = systemCalls();
  const texts = words.map(wide);
  const addresses = Buffer.alloc(8 * texts.length);
  for (const [i, text] of texts.entries()) addresses.writeBigUInt64LE(BigInt(address(text)), 8 * i);
  try {
    return use(addresses);
  } finally {
    for (const text of texts) text.fill(0);
  }
}
