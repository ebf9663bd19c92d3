/** SUBAGENTS: agents with instructions of their own. */
import path from 'node:path';
import { newTable } from '../../config/toml/value.js';
import { editText } from '../../config/write/edit-text.js';
import { bodyOf, valueOf } from './commands.js';
import { chosen, detailsOf, named, type Kind } from './kind.js';
import { rewritten } from './rewrite.js';
import { listSource, readText } from './source-files.js';
import { isTaken, partsBelow, writeNew } from './target-files.js';
import type { Scope } from './scope.js';

interface Subagent {
  readonly file: string;
  readonly text: string;
}

const sourceOf = ({ source }: Scope): string => path.join(source, 'agents');

/** By name. Without a name, a description or instructions there is none. */
function newSubagents(scope: Scope): ReadonlyMap<string, Subagent> {
  const found = new Map<string, Subagent>();
  for (const { name: file, isFolder } of listSource(scope, sourceOf(scope))) {
    const target = `${path.basename(file, '.md')}.toml`;
    if (isFolder || path.extname(file) !== '.md' || isTaken(path.join(scope.agents, target))) continue;
    const text = readText(scope, path.join(sourceOf(scope), file)) ?? '';
    const [name, description, instructions] = [
      valueOf(text, 'name'),
      valueOf(text, 'description'),
      bodyOf(text).trim(),
    ];
    if (name === null || description === null || instructions === '') continue;
    const agent = Object.assign(newTable(), { name, description: rewritten(description) });
    if (valueOf(text, 'permissionMode') === 'acceptEdits') agent.sandbox_mode = 'workspace-write';
    agent.developer_instructions = rewritten(instructions);
    found.set(name, { file: target, text: editText('', newTable(), agent, []) });
  }
  return found;
}

export const subagentsKind: Kind = {
  itemType: 'SUBAGENTS',
  detect(scope) {
    const names = [...newSubagents(scope).keys()];
    if (names.length === 0) return null;
    const description = `Migrate subagents from ${sourceOf(scope)} to ${scope.agents}`;
    return { description, details: detailsOf({ subagents: named(names) }) };
  },
  import(scope, details) {
    const agents = newSubagents(scope);
    const root = scope.confined ?? path.dirname(scope.agents);
    return chosen([...agents.keys()], details?.subagents).flatMap((name) => {
      const agent = agents.get(name);
      const written =
        agent !== undefined && writeNew(root, [...partsBelow(root, scope.agents), agent.file], agent.text);
      return written ? [[name, name] as const] : [];
    });
  },
};
