/**
 * The mounts of this process, from the kernel (proc(5), /proc/PID/mountinfo).
 *
 * The table is read before every sandboxed command (about 50 µs), and parsed only if it has changed.
 */
import fs from 'node:fs';
import path from 'node:path';
import { decodePath } from './path-bytes.js';

export interface MountTable {
  /**
   * The mount points of further procfs, e.g. in a chroot or in the file system of a container. They show the processes
   * of the host with their memory, environment and root folders.
   */
  readonly foreignProcs: readonly string[];
  /** Whether a mount receives later mounts from elsewhere (mount_namespaces(7), shared and slave mounts). */
  readonly receives: boolean;
  /**
   * The other paths of the same folder, or of parts of it, as far as the table shows: another mount may hide such a
   * path. `place` is absolute and without links.
   */
  elsewhere(place: string): readonly Elsewhere[];
}

export interface Elsewhere {
  readonly at: string;
  /** The part at that path: the folder itself (''), or this path below it. */
  readonly part: string;
}

interface Mount {
  readonly device: string;
  /** The folder of the file system that is mounted. */
  readonly root: string;
  readonly point: string;
}

/** Makes a reader that remembers the parsed table; one for each sandbox. */
export function createMountTableReader(file = '/proc/self/mountinfo'): () => MountTable {
  let last: Buffer | undefined;
  let table: MountTable | undefined;
  return () => {
    const text = fs.readFileSync(file);
    if (!table || !last?.equals(text)) table = parseMountTable(decodePath(text));
    last = text;
    return table;
  };
}

/** Every sandbox has its own mounts at these paths. */
const isPrivate = (point: string): boolean => /^\/(?:proc|dev|sys)(?:\/|$)/.test(point);

export function parseMountTable(text: string): MountTable {
  const mounts: Mount[] = [];
  const foreignProcs: string[] = [];
  let receives = false;
  for (const line of text.split('\n')) {
    // `36 35 98:0 /root /mount/point options optional… - type source options`; octal escapes for blanks and `\`.
    const words = line.split(' ');
    const [, , device, root, point] = words;
    const dash = words.indexOf('-', 6);
    if (device === undefined || root === undefined || point === undefined || dash < 0) continue;
    const mount = { device, root: unescape(root), point: unescape(point) };
    if (words[dash + 1] === 'proc') {
      if (mount.point !== '/proc' && !mount.point.startsWith('/proc/')) foreignProcs.push(mount.point);
      continue;
    }
    if (isPrivate(mount.point)) continue;
    if (words.slice(6, dash).some((word) => /^(?:shared|master):/.test(word))) receives = true;
    mounts.push(mount);
  }
  return { foreignProcs, receives, elsewhere: finder(mounts) };
}

/** Where something is mounted. */
export function mountPoints(text: string): ReadonlySet<string> {
  const points = text.split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  return new Set(points.map(unescape));
}

function finder(all: readonly Mount[]): MountTable['elsewhere'] {
  const byDevice = new Map<string, Mount[]>();
  for (const mount of all) byDevice.set(mount.device, [...(byDevice.get(mount.device) ?? []), mount]);
  // Most file systems are mounted once, so they have no other path.
  const several = all.filter(({ device }) => (byDevice.get(device)?.length ?? 0) > 1);
  return (place) => {
    const found = new Map<string, Elsewhere>();
    for (const mount of several) {
      const below = partBelow(place, mount.point);
      if (below === null) continue;
      const inside = path.join(mount.root, below);
      for (const other of byDevice.get(mount.device) ?? []) {
        const whole = partBelow(inside, other.root);
        const at = whole === null ? other.point : path.join(other.point, whole);
        const part = whole === null ? partBelow(other.root, inside) : '';
        if (part === null || at === place || (part !== '' && at === path.join(place, part))) continue;
        found.set(at, { at, part });
      }
    }
    return [...found.values()];
  };
}

/** The rest of a path below a folder; '': the folder itself; null: the path is not below it. */
function partBelow(place: string, folder: string): string | null {
  if (place === folder) return '';
  const start = folder === '/' ? '/' : `${folder}/`;
  return place.startsWith(start) ? place.slice(start.length) : null;
}

const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
