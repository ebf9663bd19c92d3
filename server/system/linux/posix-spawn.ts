/**
 * Starts programs by posix_spawn(3) of the C library, through koffi.
 *
 * Node's own start copies the table of all pages of this process for a moment (libuv calls fork(2)), and blocks its
 * thread for that time: 1 ms at 50 MB, 3 ms at 110 MB. posix_spawn shares the memory until the program runs, so that
 * its time does not depend on the size of this process.
 */
import { constants } from 'node:os';
import { loadCLibrary } from './c-library.js';

/** What to start. The caller has checked that no text has a NUL. */
export interface SpawnRequest {
  /** A path, from `cwd` on if it is relative: nothing is looked up along PATH. */
  readonly file: string;
  /** The program's own name comes first. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Its descriptors 0, 1 and so on. null: /dev/null for the first three, nothing for others. A number must be its own
   * place, or at least as large as the number of places.
   */
  readonly descriptors: readonly (number | null)[];
  /** It leads its own session and process group. */
  readonly newSession: boolean;
}

/** As waitpid(2) reports it. */
export interface SpawnEnd {
  /** null after death by a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PosixSpawn {
  /**
   * Starts a program, with the signals and the signal mask of a new program. Returns its pid; null: the system refuses
   * (the program, the folder, a limit), and nothing has run.
   */
  start(request: SpawnRequest): number | null;
  /** The end of a process that was started here, once; null: it runs. */
  collect(pid: number): SpawnEnd | null;
}

/** spawn.h of glibc and musl. The first two set the signals of the program, the third its session. */
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
/** fcntl.h. */
const O_RDONLY = 0;
const O_RDWR = 2;
/** sys/wait.h. */
const WNOHANG = 1;
/** Larger than these structures in any library: posix_spawn_file_actions_t, posix_spawnattr_t, sigset_t. */
const ACTIONS_BYTES = 256;
const ATTRIBUTES_BYTES = 1024;
const SIGNALS_BYTES = 128;

const SIGNAL_NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/**
 * `root`: the folder of this package. Throws `machine.native-module` without koffi, and `machine.os` where the C
 * library is too old (glibc before 2.29).
 */
export function loadPosixSpawn(root: string): PosixSpawn {
  const { call } = loadCLibrary(root);
  const spawn = call(
    'int posix_spawn(_Out_ int *pid, const char *path, const void *actions, const void *attributes, const char **argv, const char **envp)',
  );
  const initActions = call('int posix_spawn_file_actions_init(void *actions)');
  const destroyActions = call('int posix_spawn_file_actions_destroy(void *actions)');
  const addDup = call('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)');
  const addOpen = call(
    'int posix_spawn_file_actions_addopen(void *actions, int to, const char *file, int flags, int mode)',
  );
  // The last of these functions in glibc: where it is, a descriptor can also be kept at its own place.
  const addChdir = call('int posix_spawn_file_actions_addchdir_np(void *actions, const char *folder)');
  const initAttributes = call('int posix_spawnattr_init(void *attributes)');
  const setFlags = call('int posix_spawnattr_setflags(void *attributes, int16_t flags)');
  const setDefaults = call('int posix_spawnattr_setsigdefault(void *attributes, const void *signals)');
  const setMask = call('int posix_spawnattr_setsigmask(void *attributes, const void *signals)');
  const waitpid = call('int waitpid(int pid, _Out_ int *status, int options)');

  const attributesWith = (flags: number): Buffer => {
    const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
    initAttributes(attributes);
    setDefaults(attributes, Buffer.alloc(SIGNALS_BYTES, 0xff));
    setMask(attributes, Buffer.alloc(SIGNALS_BYTES));
    setFlags(attributes, flags);
    return attributes;
  };
  const inOurSession = attributesWith(SETSIGDEF | SETSIGMASK);
  const inItsOwn = attributesWith(SETSIGDEF | SETSIGMASK | SETSID);

  return {
    start({ file, argv, cwd, env, descriptors, newSession }) {
      const actions = Buffer.alloc(ACTIONS_BYTES);
      if (initActions(actions) !== 0) return null;
      try {
        const steps = descriptors.map((from, to) => {
          if (from !== null) return addDup(actions, from, to);
          return to > 2 ? 0 : addOpen(actions, to, '/dev/null', to === 0 ? O_RDONLY : O_RDWR, 0);
        });
        if (addChdir(actions, cwd) !== 0 || steps.some((failed) => failed !== 0)) return null;
        const pid = [0];
        const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
        const attributes = newSession ? inItsOwn : inOurSession;
        const failed = spawn(pid, file, actions, attributes, [...argv, null], [...variables, null]);
        return failed === 0 ? (pid[0] ?? null) : null;
      } finally {
        destroyActions(actions);
      }
    },
    collect(pid) {
      const status = [0];
      const ended = waitpid(pid, status, WNOHANG);
      if (ended === 0) return null;
      // ECHILD: another part of this process has collected it, so nothing is known about its end.
      return ended === pid ? decode(status[0] ?? 0) : { code: null, signal: null };
    },
  };
}

/** The macros WIFEXITED, WEXITSTATUS and WTERMSIG of sys/wait.h. */
function decode(status: number): SpawnEnd {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null };
  return { code: null, signal: SIGNAL_NAMES.get(signal) ?? null };
}
