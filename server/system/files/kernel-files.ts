/**
 * Which file systems contain data of the kernel instead of stored files.
 *
 * Threat: `/proc/self/environ` is the environment of the process that opens it. If a project contains a link to it, the
 * daemon would read its own keys; with a link to `/proc/PID/fd/N`, the open file of another program.
 * Rule: the type of the file system of the opened descriptor decides, not the path, because procfs can be mounted
 * anywhere.
 */

/** statfs(2) and include/uapi/linux/magic.h: file systems with files that the kernel makes when they are read. */
const KERNEL_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x9fa0, 'procfs'],
  [0x62656572, 'sysfs'],
  [0x64626720, 'debugfs'],
  [0x74726163, 'tracefs'],
  [0x73636673, 'securityfs'],
  [0x62656570, 'configfs'],
  [0xf97cff8c, 'selinuxfs'],
  [0x43415d53, 'smackfs'],
  [0x5a3c69f0, 'apparmorfs'],
  [0x27e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
  [0x7655821, 'resctrl'],
  [0x1cd1, 'devpts'],
  [0x19800202, 'mqueue'],
  [0xcafe4a11, 'bpf'],
  [0x6165676c, 'pstore'],
  [0xde5e81e4, 'efivarfs'],
  [0x6e736673, 'nsfs'],
  [0x65735543, 'fusectl'],
  [0x42494e4d, 'binfmt_misc'],
  [0x6c6f6f70, 'binder'],
  [0x67596969, 'rpc_pipefs'],
  [0x6e667364, 'nfsd'],
  [0x9041934, 'anonymous inodes'],
  [0x50494446, 'pidfs'],
  [0x5345434d, 'secretmem'],
  [0x534f434b, 'sockfs'],
  [0x50495045, 'pipefs'],
]);

/** `type`: `fs.StatsFs.type`. The name of such a file system; null: it stores files. */
export function kernelFileSystem(type: number): string | null {
  // The kernel's long is signed on some machines; the type is in its low 32 bits.
  return KERNEL_FILE_SYSTEMS.get(type >>> 0) ?? null;
}

/** devtmpfs reports the type of tmpfs, so its path decides. `real`: without links. */
export function isDevicePlace(real: string): boolean {
  return real.startsWith('/dev/') && !real.startsWith('/dev/shm/');
}
