/** Where a path of a patch really leads, found once. */
import path from 'node:path';
import { createPathResolver } from '../../../sandbox/policy/resolve-path.js';

/** What writing to the path changes, and what removing it takes away (a link itself). */
export interface Pin {
  readonly written: Place;
  readonly removed: Place;
}

export interface Place {
  /** Without links. */
  readonly folder: string;
  readonly name: string;
}

/** Throws `sandbox.refused` for a loop of links. */
export function pinOf(file: string): Pin {
  const resolve = createPathResolver();
  const { real } = resolve(file);
  return {
    written: { folder: path.dirname(real), name: path.basename(real) },
    removed: { folder: resolve(path.dirname(file)).real, name: path.basename(file) },
  };
}

/** Absolute. */
export const placeOf = ({ folder, name }: Place): string => path.join(folder, name);
