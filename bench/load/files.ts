import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';

const WORDS =
  'src lib test core util index main server client config parser render model view button input table list tree node graph edge cache store query route page api auth user'.split(
    ' ',
  );
const ENDS = ['ts', 'js', 'rs', 'md', 'json', 'css', 'py', 'go'];
/** Folders in each folder, and files in each folder of the last level. */
const WIDTH = 10;

/** Makes a tree of `count` empty files below `root`, a thousand of them in ten folders. The same for the same count. */
export function writeFiles(root: string, count: number): void {
  let made = 0;
  const word = (at: number): string => WORDS[at % WORDS.length]!;
  for (let folder = 0; made < count; folder++) {
    const names = [Math.floor(folder / (WIDTH * WIDTH)), Math.floor(folder / WIDTH) % WIDTH, folder % WIDTH];
    const place = path.join(root, ...names.map((at, depth) => `${word(at * 7 + depth * 3)}${at}`));
    mkdirSync(place, { recursive: true });
    for (let at = 0; at < FILES && made < count; at++, made++) {
      const name = `${word(made * 11)}${'-_.'[made % 3]!}${word(made * 5 + at)}${at}.${ENDS[made % ENDS.length]!}`;
      closeSync(openSync(path.join(place, name), 'w'));
    }
  }
}

const FILES = 100;
