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

const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
