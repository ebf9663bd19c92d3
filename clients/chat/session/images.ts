/** Images that go with a message. */
import fs from 'node:fs';
import path from 'node:path';
import type { UserInput } from './chat-session.js';

export interface ImageFile {
  /** Absolute. */
  readonly path: string;
  readonly input: UserInput;
}

/** Bytes of an image in a message: the server refuses larger ones, too. */
const MOST = 20 * 1024 * 1024;
const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
};

/**
 * `sends`: the server may be on another machine, so the message contains the image. Throws Error with a text for the
 * person.
 */
export function readImage(named: string, { cwd, sends }: { readonly cwd: string; readonly sends: boolean }): ImageFile {
  const file = path.resolve(cwd, named);
  const type = TYPES[path.extname(file).toLowerCase()];
  if (type === undefined) throw new Error(`${named}: not an image (${Object.keys(TYPES).join(', ')})`);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) throw new Error(`${named}: there is no such file`);
  if (stat.size > MOST) throw new Error(`${named}: larger than ${MOST / 1024 / 1024} MiB`);
  if (!sends) return { path: file, input: { type: 'localImage', path: file } };
  return {
    path: file,
    input: { type: 'image', url: `data:${type};base64,${fs.readFileSync(file).toString('base64')}` },
  };
}

/** The image that a pasted or dropped text names. Null: the text is something else. */
export function pastedImage(text: string, options: Parameters<typeof readImage>[1]): ImageFile | null {
  const named = text
    .trim()
    .replace(/^'(.*)'$/s, '$1')
    .replace(/^"(.*)"$/s, '$1')
    .replace(/\\ /g, ' ');
  if (!path.isAbsolute(named) || named.includes('\n') || !(path.extname(named).toLowerCase() in TYPES)) return null;
  try {
    return readImage(named, options);
  } catch {
    return null; // Then it is a text of the person.
  }
}
