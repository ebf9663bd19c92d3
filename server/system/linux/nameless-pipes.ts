/** Makes pipes by pipe2(2), through koffi: Node has no call for them. */
import { constants } from 'node:os';
import { CodexdError } from '../../errors/codexd-error.js';
import { loadCLibrary } from './c-library.js';

/** Two descriptors, each closed in children unless it is given to them. */
export interface NamelessPipe {
  readonly reader: number;
  readonly writer: number;
}

export interface NamelessPipes {
  /** `notWaiting`: the end that does not block. null: no descriptor is left. Throws `machine.os`. */
  make(notWaiting: keyof NamelessPipe): NamelessPipe | null;
}

/** fcntl.h of x86-64 and arm64. */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const F_SETFL = 4;

/** EMFILE and ENFILE of errno.h. */
const NONE_LEFT: readonly number[] = [constants.errno.EMFILE, constants.errno.ENFILE];

/** `root`: the folder of this package. Throws `machine.native-module`. */
export function loadNamelessPipes(root: string): NamelessPipes {
  const { call, errno } = loadCLibrary(root);
  const pipe2 = call('int pipe2(_Out_ int *ends, int flags)');
  const fcntl = call('int fcntl(int descriptor, int command, ...)');
  const close = call('int close(int descriptor)');
  const fail = (name: string): never => {
    throw new CodexdError('machine.os', `${name} failed (errno ${errno()})`);
  };
  return {
    make(notWaiting) {
      const ends = Buffer.alloc(8);
      if (pipe2(ends, O_CLOEXEC) !== 0) return NONE_LEFT.includes(errno()) ? null : fail('pipe2');
      const pipe = { reader: ends.readInt32LE(0), writer: ends.readInt32LE(4) };
      if (fcntl(pipe[notWaiting], F_SETFL, 'int', O_NONBLOCK) === 0) return pipe;
      const { reader, writer } = pipe;
      try {
        return fail('fcntl');
      } finally {
        close(reader);
        close(writer);
      }
    },
  };
}
