/** The C library of this process, through koffi, for the files of this folder that declare its functions. */
import { CodexdError } from '../../errors/codexd-error.js';
import { loadNativeModule, LINUX_CALLS } from '../node/native-module.js';

export interface CLibrary {
  /** A function, by its declaration in C. Throws `machine.os` if the library has none of that name. */
  call(prototype: string): (...args: unknown[]) => number;
  /** The number of the last call's error. */
  errno(): number;
}

interface Koffi {
  errno(): number;
  /** Null: what this process has loaded already, its C library included. */
  load(library: null): { func(prototype: string): (...args: unknown[]) => unknown };
}

let loaded: { readonly root: string; readonly library: CLibrary } | null = null;

/** `root`: the folder of this package. Throws `machine.native-module`. */
export function loadCLibrary(root: string): CLibrary {
  if (loaded?.root !== root) loaded = { root, library: open(root) };
  return loaded.library;
}

function open(root: string): CLibrary {
  const koffi = loadNativeModule(root, LINUX_CALLS) as Koffi;
  const library = koffi.load(null);
  return {
    call(prototype) {
      try {
        return library.func(prototype) as (...args: unknown[]) => number;
      } catch (error) {
        throw new CodexdError('machine.os', `the C library has no ${prototype}`, { cause: error });
      }
    },
    errno: () => koffi.errno(),
  };
}
