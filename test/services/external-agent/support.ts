/** A home and a repository with the files of another agent. */
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { homeScope, repositoryScope, type Scope } from '../../../server/services/external-agent/scope.js';

export interface Planted {
  readonly root: string;
  readonly home: string;
  readonly codexHome: string;
  readonly repository: string;
  readonly user: Scope;
  readonly shared: Scope;
  put(file: string, content: string | object): string;
  text(file: string): string;
}

export function planted(t: Pick<Test, 'testdir'>): Planted {
  const root = fs.realpathSync(t.testdir({ home: { '.codex': {} }, repository: { '.git': {} } }));
  const at = (file: string): string => path.resolve(root, file);
  const [home, repository, codexHome] = [at('home'), at('repository'), at('home/.codex')];
  const shared = repositoryScope(path.join(repository, 'missing', 'folder'), { home, codexHome });
  if (shared === null) throw new Error('the repository is not found');
  return {
    root,
    home,
    codexHome,
    repository,
    user: homeScope({ home, codexHome }),
    shared,
    put(file, content) {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true });
      fs.writeFileSync(at(file), typeof content === 'string' ? content : JSON.stringify(content));
      return at(file);
    },
    text: (file) => fs.readFileSync(at(file), 'utf8'),
  };
}

const SESSION = '11111111-2222-4333-8444-555555555555';
const AT = Date.parse('2026-01-02T03:04:05.000Z');

/** The lines of a session: a question, a call with its result, an answer; then `more`. */
export function sessionLines(cwd: string, ...more: object[]): string {
  const base = { isSidechain: false, cwd, sessionId: SESSION };
  let line = 0;
  const said = (type: string, content: unknown, extra: object = {}): object => ({
    ...base,
    type,
    message: { role: type, content },
    timestamp: new Date(AT + 1000 * line++).toISOString(),
    ...extra,
  });
  const call = { type: 'tool_use', id: 'c', name: 'Bash', input: { command: 'touch a', description: 'Make a' } };
  const lines = [
    said('user', 'Please add a file'),
    said('assistant', [{ type: 'thinking', thinking: 'secret thought' }, { type: 'text', text: 'I will.' }, call]),
    said('user', [{ type: 'tool_result', tool_use_id: 'c', content: 'ok done' }]),
    said('assistant', [{ type: 'text', text: 'Done.' }]),
    said('user', 'a note of the agent itself', { isMeta: true }),
    said('assistant', 'beside the conversation', { isSidechain: true }),
    ...more,
  ];
  return `${lines.map((one) => JSON.stringify(one)).join('\n')}\n{broken\n`;
}

export const sessionFile = (name = SESSION): string => `home/.claude/projects/-repository/${name}.jsonl`;
