import fs from 'node:fs';

export const PYTHON = ['/usr/bin/python3', '/usr/local/bin/python3'].find((file) => fs.existsSync(file));
/** For tap's `skip`. */
export const needsPython = PYTHON === undefined && 'needs python3';

/**
 * Reports the names that appear in some folders, by inotify: even one that exists for a microsecond is seen. Prints a
 * line when it watches, then one for each name.
 */
const WATCHER = `
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
inotify = libc.inotify_init()
CREATE, MOVED_TO, OVERFLOW = 0x100, 0x80, 0x4000
folders = {}
for folder in sys.argv[1:]:
    folders[libc.inotify_add_watch(inotify, folder.encode(), CREATE | MOVED_TO)] = folder
print('watching', flush=True)
while True:
    data = os.read(inotify, 1 << 20)
    at = 0
    while at < len(data):
        watch, mask, cookie, length = struct.unpack_from('iIII', data, at)
        name = data[at + 16:at + 16 + length].rstrip(b'\\0').decode('utf8', 'replace')
        at += 16 + length
        print('some were missed' if mask & OVERFLOW else os.path.join(folders[watch], name), flush=True)
`;
import { until } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

export interface NameWatch {
  /** Each path once. */
  seen(): string[];
  stop(): void;
}

/** Watches the folders themselves, not their subfolders. Resolves when it watches. */
export async function watchNames(folders: readonly string[]): Promise<NameWatch> {
  const child = startChild(PYTHON ?? '', ['-c', WATCHER, ...folders], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await until(() => {
    if (child.exitCode !== null) throw new Error('the watcher has ended');
    return text.includes('watching\n');
  }, 'the watcher watches');
  return { seen: () => [...new Set(text.split('\n').slice(1, -1))], stop: () => void child.kill() };
}
