/** The relevant properties of a folder's file system: statfs(2). */
import fs from 'node:fs/promises';

export interface FileSystem {
  /** A name for people, for example `NFS`; null: an ordinary file system. */
  readonly remote: string | null;
  /** Bytes and files that this user may still write; null: unknown. */
  readonly freeBytes: number;
  readonly freeFiles: number | null;
}

/**
 * linux/magic.h and the file systems' own headers: file systems where locks and links may behave differently from a
 * local disk.
 */
const REMOTE: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x65735546: 'FUSE',
  0x01021997: '9p (a folder of the host in a virtual machine, or of Windows in WSL)',
  0x00c36400: 'Ceph',
  0x5346414f: 'AFS',
  0x0bd00bd0: 'Lustre',
  0x47504653: 'GPFS',
};

/** Throws the system's error. */
export async function fileSystemOf(folder: string): Promise<FileSystem> {
  const { type, bavail, bsize, files, ffree } = await fs.statfs(folder);
  return {
    remote: process.platform === 'linux' ? (REMOTE[type >>> 0] ?? null) : null,
    freeBytes: bavail * bsize,
    freeFiles: files > 0 ? ffree : null,
  };
}
