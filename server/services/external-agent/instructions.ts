/** AGENTS_MD: the instructions of a person or of a repository. */
import path from 'node:path';
import type { Kind } from './kind.js';
import { rewritten } from './rewrite.js';
import { readText } from './source-files.js';
import { isTaken, partsBelow, writeNew } from './target-files.js';
import type { Scope } from './scope.js';

/** The first that says something; null: none does. */
function found(scope: Scope): { readonly file: string; readonly text: string } | null {
  const name = 'CLAUDE.md';
  const files = [...(scope.cwd === null ? [] : [path.join(scope.base, name)]), path.join(scope.source, name)];
  for (const file of files) {
    const text = readText(scope, file);
    if (text !== null && text.trim() !== '') return { file, text };
  }
  return null;
}

export const instructionsKind: Kind = {
  itemType: 'AGENTS_MD',
  detect(scope) {
    const source = isTaken(scope.instructions) ? null : found(scope);
    return source && { description: `Migrate ${source.file} to ${scope.instructions}`, details: null };
  },
  import(scope) {
    const source = found(scope);
    const root = scope.confined ?? path.dirname(scope.instructions);
    if (source === null || !writeNew(root, partsBelow(root, scope.instructions), rewritten(source.text))) return [];
    return [[source.file, scope.instructions]];
  },
};
