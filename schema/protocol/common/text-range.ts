/** Positions in a text. */
import { nullish, struct, text, usize } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const ByteRange = struct('ByteRange', {
  start: usize,
  end: usize,
});
export type ByteRange = Wire<typeof ByteRange>;

export const TextPosition = struct('TextPosition', {
  line: usize,
  column: usize,
});
export type TextPosition = Wire<typeof TextPosition>;

export const TextRange = struct('TextRange', {
  start: TextPosition,
  end: TextPosition,
});
export type TextRange = Wire<typeof TextRange>;

export const TextElement = struct('TextElement', {
  byteRange: ByteRange,
  placeholder: nullish(text),
});
export type TextElement = Wire<typeof TextElement>;
