/** COMMANDS: prompts that a person calls by name. Each becomes a skill. */
import path from 'node:path';
import { readFrontMatter } from '../../skills/front-matter.js';
import { chosen, detailsOf, named, type Kind } from './kind.js';
import { rewritten } from './rewrite.js';
import { filesBelow, readText } from './source-files.js';
import { isTaken, partsBelow, writeNew } from './target-files.js';
import type { Scope } from './scope.js';

interface Command {
  /** As the person calls it. */
  readonly name: string;
  readonly description: string;
  readonly template: string;
}

/** By the name of the skill. Templates with arguments or with commands in them have no form as a skill. */
function newCommands(scope: Scope): ReadonlyMap<string, Command> {
  const folder = path.join(scope.source, 'commands');
  const found = new Map<string, Command>();
  for (const parts of filesBelow(scope, folder)) {
    const file = parts.at(-1) ?? '';
    if (path.extname(file) !== '.md') continue;
    const text = readText(scope, path.join(folder, ...parts)) ?? '';
    const template = bodyOf(text).trim();
    const name = [...parts.slice(0, -1), path.basename(file, '.md')]
      .join('-')
      .replace(/[^\w-]+/g, '-')
      .toLowerCase();
    const skill = `source-command-${name}`;
    if (template === '' || INSERTED.test(template) || isTaken(path.join(scope.skills, skill))) continue;
    const description = valueOf(text, 'description') ?? `Migrated source command \`${name}\``;
    found.set(skill, { name, description: rewritten(description), template: rewritten(template) });
  }
  return found;
}

/** `$ARGUMENTS`, `$1`, and the output of a command. */
const INSERTED = /\$ARGUMENTS|\$\d|!`/;

export function valueOf(text: string, key: string): string | null {
  const head = readFrontMatter(text);
  return 'values' in head ? (head.values.get(key) ?? null) : null;
}

/** What follows the head, if there is one. */
export function bodyOf(text: string): string {
  if ('problem' in readFrontMatter(text)) return text;
  const lines = text.split('\n');
  const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === '---');
  return lines.slice(end + 1).join('\n');
}

const skillText = (skill: string, { name, description, template }: Command): string => `---
name: ${JSON.stringify(skill)}
description: ${JSON.stringify(description)}
---

# ${skill}

Use this skill when the user asks to run the migrated source command \`${name}\`.

## Command Template

${template}
`;

export const commandsKind: Kind = {
  itemType: 'COMMANDS',
  detect(scope) {
    const names = [...newCommands(scope).keys()];
    if (names.length === 0) return null;
    const description = `Migrate commands from ${path.join(scope.source, 'commands')} to ${scope.skills}`;
    return { description, details: detailsOf({ commands: named(names) }) };
  },
  import(scope, details) {
    const commands = newCommands(scope);
    const root = scope.confined ?? path.dirname(path.dirname(scope.skills));
    return chosen([...commands.keys()], details?.commands).flatMap((skill) => {
      const command = commands.get(skill);
      const parts = [...partsBelow(root, scope.skills), skill, 'SKILL.md'];
      return command !== undefined && writeNew(root, parts, skillText(skill, command)) ? [[skill, skill] as const] : [];
    });
  },
};
