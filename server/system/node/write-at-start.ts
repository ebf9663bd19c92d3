import fs from 'node:fs';

/** Writes all of `content` at the start of an open file. The position of the descriptor stays where it is. */
export function writeAtStart(descriptor: number, content: Buffer): void {
  for (let at = 0; at < content.length;) at += fs.writeSync(descriptor, content, at, content.length - at, at);
}
