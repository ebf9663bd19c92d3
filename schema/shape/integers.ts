import type { IntegerWidth } from './wire-shape.js';

/**
 * The limits of each width. JSON numbers are doubles here, so the 64-bit limits are the nearest doubles. A value that
 * differs by less than a double's precision passes.
 */
export const integerLimits: Readonly<Record<IntegerWidth, { readonly min: number; readonly max: number }>> = {
  u8: { min: 0, max: 2 ** 8 - 1 },
  u16: { min: 0, max: 2 ** 16 - 1 },
  u32: { min: 0, max: 2 ** 32 - 1 },
  u64: { min: 0, max: 2 ** 64 },
  usize: { min: 0, max: 2 ** 64 },
  'a nonzero usize': { min: 1, max: 2 ** 64 },
  i32: { min: -(2 ** 31), max: 2 ** 31 - 1 },
  i64: { min: -(2 ** 63), max: 2 ** 63 },
};

/** An integer in the protocol: without a fraction, and within 64 bits. */
export const isInteger = (value: number): boolean =>
  Number.isInteger(value) && !Object.is(value, -0) && value >= integerLimits.i64.min && value <= integerLimits.u64.max;
