/**
 * Files and folders of a plugin or a marketplace, by the paths that it writes.
 *
 * Threat: a plugin names a path that leads elsewhere (`..`, an absolute path, a link), or a file without end.
 * Rule: a path is relative and has no `..`. What it leads to lies below the root without any link, and a file has a
 * limit. Scope: every path in a marketplace.json, a plugin.json and a .mcp.json. Non-scope: what programs of a plugin
 * do when they run: hook-trust.ts and the permissions of servers decide that.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { FileRefused, liesBelow, readWhole, withFile } from '../system/files/open-file.js';
import { realPath } from '../system/files/paths.js';

/** In bytes. People write these files by hand. */
export const MAX_TEXT_BYTES = 1024 * 1024;

/** The parts of a relative path; null: it leads elsewhere. `./` alone is the root itself. */
export function partsInside(written: string): readonly string[] | null {
  if (written === '' || written.includes('\0') || path.posix.isAbsolute(written) || path.win32.isAbsolute(written))
    return null;
  const parts = written.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  return parts.includes('..') || parts.some((part) => part.includes(':')) ? null : parts;
}

/** An absolute path below `root`, or null. Whether something is there is not looked at. */
export function pathInside(root: string, written: string): string | null {
  const parts = partsInside(written);
  return parts === null ? null : path.join(root, ...parts);
}

/** A folder below `root` that no link leads to; null: there is none. */
export function folderInside(root: string, written: string): string | null {
  const parts = partsInside(written);
  if (parts === null) return null;
  let place = root;
  for (const part of parts) {
    place = path.join(place, part);
    if (fs.lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  }
  return fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() === true ? place : null;
}

/** Whether a regular file without links is there. */
export function isFileInside(root: string, written: string): boolean {
  const parts = partsInside(written) ?? [];
  const name = parts.at(-1);
  if (name === undefined) return false;
  const folder = folderInside(root, ['.', ...parts.slice(0, -1)].join('/'));
  if (folder === null) return false;
  return fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile() === true;
}

export type TextInside =
  /** There is no such file. */
  null | { readonly text: string; readonly file: string } | { readonly fault: string; readonly file: string };

/** Never throws. */
export function textInside(root: string, written: string): TextInside {
  const file = pathInside(root, written);
  if (file === null) return { fault: 'the path leads out of its folder', file: written };
  try {
    const text = withFile(file, (opened) => {
      if (!liesBelow(opened.real, root) || opened.real !== path.join(realPath(root), path.relative(root, file)))
        throw new FileRefused('elsewhere', file, 'is reached through a link');
      return UTF8.decode(readWhole(opened, MAX_TEXT_BYTES));
    });
    return { text, file };
  } catch (error) {
    if (error instanceof FileRefused)
      return error.refusal === 'not-a-file'
        ? null
        : { fault: error.refusal === 'too-large' ? 'it is larger than 1 MiB' : 'it is reached through a link', file };
    const code = osCode(error) ?? 'EIO';
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return null;
    return {
      fault: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'stream did not contain valid UTF-8' : code,
      file,
    };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
