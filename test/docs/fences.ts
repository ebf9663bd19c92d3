/**
 * The fenced blocks of the documents. The words after the language in a fence are for the tests; readers do not see
 * them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../server/package/package-root.js';

export interface Fence {
  /** `docs/security.md:12` */
  readonly place: string;
  readonly document: string;
  readonly language: string;
  /** Words (`exchange`), and `name="text"`. */
  readonly marks: ReadonlyMap<string, string>;
  readonly text: string;
}

export const documents = (): readonly string[] => [
  'README.md',
  ...fs
    .readdirSync(path.join(packageRoot(), 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

export const readDocument = (document: string): string => fs.readFileSync(path.join(packageRoot(), document), 'utf8');

export function fencesOf(document: string): readonly Fence[] {
  const found: Fence[] = [];
  let open: { line: number; info: string; indent: string; lines: string[] } | null = null;
  for (const [index, line] of readDocument(document).split('\n').entries()) {
    const [, indent = '', info] = /^(\s*)```(.*)$/.exec(line) ?? [];
    if (info === undefined) open?.lines.push(line.slice(open.indent.length));
    else if (open === null) open = { line: index + 1, info, indent, lines: [] };
    else {
      const [, language = '', rest = ''] = /^(\S*)(.*)$/.exec(open.info) ?? [];
      const marks = new Map(
        [...rest.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name, value]),
      );
      const text = open.lines.map((one) => `${one}\n`).join('');
      found.push({ place: `${document}:${open.line}`, document, language, marks, text });
      open = null;
    }
  }
  if (open !== null) throw new Error(`${document}:${open.line}: this block does not end`);
  return found;
}
