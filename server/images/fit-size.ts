/** How large an image is sent to a model (docs/protocol/turns.md §1 "Images"). Models look at squares of 32 pixels. */

export interface ImageLimits {
  /** The longer side, in pixels. */
  readonly side: number;
  /** Squares of 32 pixels that the image needs. */
  readonly squares: number;
}

export const USUAL_LIMITS: ImageLimits = { side: 2048, squares: 2500 };
/** For the detail `original`. */
export const ORIGINAL_LIMITS: ImageLimits = { side: 6000, squares: 10_000 };

interface Size {
  readonly width: number;
  readonly height: number;
}

const SQUARE = 32;

/** The same size where the image keeps to the limits; otherwise a smaller one of the same shape, at least 1 × 1. */
export function fitSize(size: Size, limits: ImageLimits): Size {
  const sided = fitSide(size, limits.side);
  if (Math.ceil(sided.width / SQUARE) * Math.ceil(sided.height / SQUARE) <= limits.squares) return sided;
  const { width, height } = sided;
  const ratio = Math.sqrt((SQUARE * SQUARE * limits.squares) / (width * height));
  const [across, down] = [(width * ratio) / SQUARE, (height * ratio) / SQUARE];
  // One side becomes a whole number of squares.
  const shrink = ratio * Math.min(Math.floor(across) / across, Math.floor(down) / down);
  return { width: whole(width * shrink), height: whole(height * shrink) };
}

function fitSide({ width, height }: Size, side: number): Size {
  const longer = Math.max(width, height);
  if (longer <= side) return { width, height };
  const of = (length: number): number => Math.max(1, Math.round((length * side) / longer));
  return { width: of(width), height: of(height) };
}

/** What is a whole number but for the last bits of the calculation counts as one. */
const whole = (length: number): number => Math.max(1, Math.floor(length + 1e-6));
