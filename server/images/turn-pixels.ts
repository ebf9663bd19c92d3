/** Pixels the way they are shown: what Exif says of an image is lost when it is written again. */

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, line by line. */
  readonly data: Uint8Array;
}

/** `orientation`: of Exif, 1 to 8. */
export function turnPixels({ width, height, data }: Pixels, orientation: number): Pixels {
  if (orientation === 1) return { width, height, data };
  const sideways = orientation >= 5;
  const [across, down] = sideways ? [height, width] : [width, height];
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const to = new Uint32Array(width * height);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const [a, b] = sideways ? [y, x] : [x, y];
      const column = [2, 3, 7, 8].includes(orientation) ? width - 1 - a : a;
      const line = [3, 4, 6, 7].includes(orientation) ? height - 1 - b : b;
      to[y * across + x] = from[line * width + column] ?? 0;
    }
  }
  return { width: across, height: down, data: new Uint8Array(to.buffer) };
}
