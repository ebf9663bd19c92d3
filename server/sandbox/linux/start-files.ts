/** The files of a command's sandbox that its launcher reads: bubblewrap's arguments, and the filter of system calls. */
import fs from 'node:fs';
import { messageOf } from '../../errors/message-of.js';
import { writeAtStart } from '../../system/node/write-at-start.js';
import { sandboxRefused, type SandboxRequest, type StartFiles } from '../policy/sandbox.js';
import type { RuntimeFolder } from './runtime-folder.js';

/** `content`: of the launch file. Nothing is open before `open`. */
export function createStartFiles(
  folder: Pick<RuntimeFolder, 'filters' | 'openNameless'>,
  network: SandboxRequest['network'],
  content: Buffer,
): Omit<StartFiles, 'sandbox'> {
  const filterFile = folder.filters[network];
  return {
    open: () =>
      allOrNothing((opened) => {
        const launch = opened(folder.openNameless());
        const filter = opened(openFilter(filterFile));
        writeAtStart(launch, content);
        return [launch, filter];
      }),
    content,
    advance: {
      key: filterFile,
      open: () =>
        allOrNothing((opened) => ({
          launch: opened(folder.openNameless()),
          filter: opened(openFilter(filterFile)),
          script: opened(folder.openNameless()),
        })),
    },
  };
}

/** Closes what `open` has opened if it throws. */
function allOrNothing<T>(open: (opened: (descriptor: number) => number) => T): T {
  const descriptors: number[] = [];
  try {
    return open((descriptor) => (descriptors.push(descriptor), descriptor));
  } catch (error) {
    for (const descriptor of descriptors) fs.closeSync(descriptor);
    throw error;
  }
}

function openFilter(file: string): number {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    throw sandboxRefused(`the sandbox's filter cannot be read: ${messageOf(error)}`);
  }
}
