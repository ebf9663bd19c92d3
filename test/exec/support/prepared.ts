import fs from 'node:fs';
import type { AdvanceFiles } from '../../../server/sandbox/policy/sandbox.js';
import type { Test } from 'tap';
import { createPipePool, type PipePool } from '../../../server/exec/process/pipe-pool.js';
import { prepareStart, type PreparedStart } from '../../../server/exec/process/prepared-start.js';
import type { Child } from '../../../server/exec/process/child.js';

export const MARK = ['CODEXD_TEST_MARK', 'of nobody'] as const;

/** The pipes of a test file, which runs until its end: what makes pipes and what waits keep no program running. */
export function pipesFor(t: Pick<Test, 'fail' | 'teardown'>): PipePool {
  const pipes = createPipePool((message) => t.fail(message));
  const running = setInterval(() => {}, 60_000);
  t.teardown(() => {
    clearInterval(running);
    pipes.close();
  });
  return pipes;
}

/** Files in a folder, as the sandbox has them: only their number and their use count here. */
export function advanceFiles(folder: string, key = 'filter'): AdvanceFiles {
  let made = 0;
  const open = (): number => {
    const file = `${folder}/${key}-${made++}`;
    const descriptor = fs.openSync(file, 'wx+');
    fs.unlinkSync(file);
    return descriptor;
  };
  return { key, open: () => ({ launch: open(), filter: open(), script: open() }) };
}

export async function prepare(folder: string, pipes: PipePool, onEnd: () => void = () => {}): Promise<PreparedStart> {
  const prepared = await prepareStart({ pipes, files: advanceFiles(folder), enter: [], mark: MARK, onEnd });
  if (prepared === null) throw new Error('this system has no pipes');
  return prepared;
}

/** The whole standard output of a child. */
export async function outputOf(child: Child | null): Promise<string> {
  if (child === null) throw new Error('it has not become the command');
  const pieces: Buffer[] = [];
  child.stdout.read((piece) => void pieces.push(piece));
  await child.stdout.ended;
  return Buffer.concat(pieces).toString();
}

/** open(2), include/uapi/asm-generic/fcntl.h: the pool holds its pipes with it. */
const O_PATH = 0o10000000;

/** The number of open descriptors of this process, without the spare pipes of the pool. */
export const openDescriptors = (): number =>
  fs.readdirSync('/proc/self/fdinfo').filter((descriptor) => (flagsOf(descriptor) & O_PATH) === 0).length;

function flagsOf(descriptor: string): number {
  try {
    const text = fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1');
    return parseInt(/^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? '0', 8);
  } catch {
    return O_PATH; // It was the one that listed the folder.
  }
}
