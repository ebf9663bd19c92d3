/**
 * The administrator's files count only if nobody else can have written them (system/windows/machine-trust.ts). Another
 * file is as good as one that cannot be read: what it may demand is unknown, and the error says how to correct it.
 */
import path from 'node:path';
import { newTable } from '../toml/value.js';
import type { ConfigFile, FileReader } from './config-file.js';

/** Why a file does not count; null: it counts; `missing`: it is not there any more. */
export type AskDistrust = (file: string) => string | 'missing' | null;

interface Judged {
  readonly read: ConfigFile;
  readonly distrust: string | null;
  readonly answer: ConfigFile;
}

/**
 * A reader that asks about each file in `folder` at each reading: a list changes without a trace in the file. The
 * answer is the same object as long as the file and the judgement are the same.
 */
export function readsTrusted(reader: FileReader, folder: string, ask: AskDistrust): FileReader {
  const last = new Map<string, Judged>();
  const read = (file: string, maxBytes?: number): ConfigFile => {
    const found = reader(file, maxBytes);
    if (found.kind === 'missing' || path.dirname(file) !== folder) return found;
    const before = last.get(file);
    const distrust = ask(file);
    // The reader keeps the text of a file that is gone: as long as it was judged, that judgement holds.
    if (distrust === 'missing' && before?.read === found && before.distrust === null) return found;
    if (before?.read === found && before.distrust === distrust) return before.answer;
    const answer: ConfigFile =
      distrust === null
        ? found
        : distrust === 'missing'
          ? { kind: 'missing', path: file, table: newTable() }
          : { kind: 'unreadable', path: file, message: distrust };
    last.set(file, { read: found, distrust, answer });
    return answer;
  };
  return Object.assign(read, { expect: reader.expect, warnings: reader.warnings });
}
