/** Resolves a path of a patch, once. */
import path from 'node:path';
import { createPathResolver } from '../../../sandbox/policy/resolve-path.js';

/** The file that writing to the path changes, and the one that removing it removes (a link itself). */
export interface Pin {
  readonly written: Place;
  readonly removed: Place;
}

export interface Place {
  /** Resolved, without links. */
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

/** An absolute path. */
export const placeOf = ({ folder, name }: Place): string => path.join(folder, name);
