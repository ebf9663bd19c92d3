/** The server that remembers facts, and the one that thinks: both in one thread. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { unless } from '../fixtures/real-clients.js';
import { nodeTable, serverProgram, turnWith, use, withServers } from './support.js';

t.setTimeout(240_000);

const [memory, thinking] = [serverProgram('memory'), serverProgram('sequential-thinking')];

t.test(
  'facts outlive the daemon, in the file of the configuration',
  { skip: unless(memory, '@modelcontextprotocol/server-memory') },
  async (t) => {
    const file = path.join(t.testdir(), 'memory.jsonl');
    const s = await withServers(t, nodeTable('memory', memory!, [], `env = { MEMORY_FILE_PATH = "${file}" }`));
    const relation = { from: 'Ada', to: 'Engine', relationType: 'programs' };
    const out = await turnWith(
      s,
      use('memory', 'create_entities', {
        entities: ['Ada', 'Engine', 'Gone'].map((name) => ({ name, entityType: 'thing', observations: ['is known'] })),
      }),
      use('memory', 'create_relations', { relations: [relation] }),
      use('memory', 'add_observations', { observations: [{ entityName: 'Ada', contents: ['counts', 'writes'] }] }),
      use('memory', 'delete_observations', { deletions: [{ entityName: 'Ada', observations: ['counts'] }] }),
      use('memory', 'delete_entities', { entityNames: ['Gone'] }),
      use('memory', 'search_nodes', { query: 'Ada' }),
      use('memory', 'open_nodes', { names: ['Engine'] }),
      use('memory', 'delete_relations', { relations: [{ ...relation, to: 'Nobody' }] }),
      use('memory', 'read_graph', {}),
    );
    t.match(out.search_nodes, /writes/);
    t.match(out.open_nodes, /Engine/);
    t.notMatch(out.read_graph, /Gone|counts/);
    t.match(out.read_graph, /programs/);
    t.ok(fs.readFileSync(file, 'utf8').includes('Ada'));
    const later = await s.again();
    t.match((await turnWith(later, use('memory', 'read_graph', {}, 'later'))).later, /programs/);
  },
);

t.test(
  'thoughts are counted over the calls of a thread',
  { skip: unless(thinking, '@modelcontextprotocol/server-sequential-thinking') },
  async (t) => {
    const s = await withServers(t, nodeTable('thinking', thinking!));
    const think = (thoughtNumber: number, nextThoughtNeeded: boolean) =>
      use(
        'thinking',
        'sequentialthinking',
        { thought: `step ${thoughtNumber}`, nextThoughtNeeded, thoughtNumber, totalThoughts: 2 },
        `t${thoughtNumber}`,
      );
    const out = await turnWith(s, think(1, true), think(2, false));
    t.match(out.t2, /"thoughtHistoryLength":\s*2/);
  },
);
