import fs from 'node:fs';

/**
 * Where a procfs other than the sandbox's own is mounted, e.g. in a chroot or a container's file system: it shows the
 * host's processes, their memory, environment and root folders.
 */
export function foreignProcMounts(mountInfo = fs.readFileSync('/proc/self/mountinfo', 'utf8')): readonly string[] {
  const found: string[] = [];
  for (const line of mountInfo.split('\n')) {
    // proc(5): `36 35 98:0 /root /mount/point options … - type source options`; octal escapes for blanks and `\`.
    if (!line.includes(' - proc ')) continue;
    const place = unescape(line.split(' ')[4] ?? '');
    if (place !== '/proc' && !place.startsWith('/proc/')) found.push(place);
  }
  return found;
}

/** The table is read before every command, and changes when an administrator mounts something. */
const TABLE_LIFE_MS = 1000;

/** As `foreignProcMounts`, at most a second old. One a sandbox. */
export function createForeignProcFinder(): () => readonly string[] {
  let known: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - readAt > TABLE_LIFE_MS) {
      known = foreignProcMounts();
      readAt = now;
    }
    return known;
  };
}

const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
