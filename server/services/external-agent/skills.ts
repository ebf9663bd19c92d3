/** SKILLS: folders with a SKILL.md, copied with their files. */
import path from 'node:path';
import { chosen, detailsOf, named, type Kind } from './kind.js';
import { rewritten } from './rewrite.js';
import { filesBelow, listSource, readSource } from './source-files.js';
import { isTaken, partsBelow, writeNew } from './target-files.js';
import type { Scope } from './scope.js';

const sourceOf = ({ source }: Scope): string => path.join(source, 'skills');

const newSkills = (scope: Scope): string[] =>
  listSource(scope, sourceOf(scope)).flatMap(({ name, isFolder }) =>
    isFolder && !isTaken(path.join(scope.skills, name)) ? [name] : [],
  );

export const skillsKind: Kind = {
  itemType: 'SKILLS',
  detect(scope) {
    const names = newSkills(scope);
    if (names.length === 0) return null;
    const description = `Migrate skills from ${sourceOf(scope)} to ${scope.skills}`;
    return { description, details: detailsOf({ skills: named(names) }) };
  },
  import(scope, details) {
    const names = chosen(newSkills(scope), details?.skills);
    const root = scope.confined ?? path.dirname(path.dirname(scope.skills));
    for (const name of names) {
      const folder = path.join(sourceOf(scope), name);
      for (const parts of filesBelow(scope, folder)) {
        const content = readSource(scope, path.join(folder, ...parts));
        if (content === null) continue;
        const text = parts.at(-1) === 'SKILL.md' ? rewritten(content.toString()) : content;
        writeNew(root, [...partsBelow(root, scope.skills), name, ...parts], text);
      }
    }
    return names.map((name) => [name, name] as const);
  },
};
