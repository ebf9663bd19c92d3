/** What was imported, and when: a file of codexd in the home, one import a line, newest last. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ExternalAgentConfigImportHistory as History } from '../../../schema/protocol/services/external-agent.js';
import { changeFile } from '../../system/files/change-file.js';
import { isObject } from '../../system/node/objects.js';
import { readText } from './source-files.js';

const NAME = 'codexd-external-agent-imports.jsonl';
/** Older imports are forgotten: the file stays below the limit of what is read. */
const MOST = 200;
const LIMIT_CHARACTERS = 900_000;

export type { History };
export const newImportId = (): string => randomUUID();

/** Newest first. A line that is no import is left out. */
export const readHistories = (codexHome: string): History[] =>
  linesOf(readText({ confined: null }, path.join(codexHome, NAME)) ?? '')
    .flatMap((line) => historyOf(line) ?? [])
    .reverse();

/** Throws what the file system throws. */
export async function recordHistory(codexHome: string, history: History): Promise<void> {
  await changeFile({
    file: path.join(codexHome, NAME),
    staging: codexHome,
    lockName: `.${NAME}.lock`,
    render(text) {
      const lines = [...linesOf(text), JSON.stringify(history)].slice(-MOST);
      while (lines.length > 1 && lines.reduce((sum, line) => sum + line.length, 0) > LIMIT_CHARACTERS) lines.shift();
      return `${lines.join('\n')}\n`;
    },
  });
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function historyOf(line: string): History | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value) || typeof value['importId'] !== 'string') return null;
    return value as unknown as History;
  } catch {
    return null;
  }
}
