/** Resolves a path of a patch, once. */
import path from 'node:path';
import { createPathResolver } from '../../../sandbox/policy/resolve-path.js';
import { isSandboxRefusal } from '../../../sandbox/policy/sandbox.js';
import { patchError } from './parse-patch.js';

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
function pinOf(file: string): Pin {
  const resolve = createPathResolver();
  const { real } = resolve(file);
  return {
    written: { folder: path.dirname(real), name: path.basename(real) },
    removed: { folder: resolve(path.dirname(file)).real, name: path.basename(file) },
  };
}

/** An absolute path. */
export const placeOf = ({ folder, name }: Place): string => path.join(folder, name);

/** The pin of a path that a patch names. Throws `tool.patch` for a loop of links. */
export function pinned(file: string): Pin {
  try {
    return pinOf(file);
  } catch (error) {
    if (isSandboxRefusal(error)) throw patchError(`Failed to find ${file}: ${error.message}`);
    throw error;
  }
}
