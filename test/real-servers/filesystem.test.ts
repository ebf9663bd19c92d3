/** The server that reads and writes files, with approvals as its annotations want them. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { say } from '../fixtures/model-server.js';
import { unless } from '../fixtures/real-clients.js';
import { calls } from '../sessions/turn/support.js';
import { nodeTable, serverProgram, turnWith, use, withServers } from './support.js';

t.setTimeout(240_000);

const program = serverProgram('filesystem');
const skip = unless(program, '@modelcontextprotocol/server-filesystem');

t.test('every tool', { skip }, async (t) => {
  const root = fs.realpathSync(t.testdir({ 'a.txt': 'one\ntwo\nthree\n', 'b.png': Buffer.from('89504e47', 'hex') }));
  const at = (name: string): string => path.join(root, name);
  const s = await withServers(t, nodeTable('fs', program!, [root]));
  const out = await turnWith(
    s,
    use('fs', 'read_text_file', { path: at('a.txt'), head: 1 }),
    use('fs', 'read_file', { path: at('a.txt') }),
    use('fs', 'read_media_file', { path: at('b.png') }),
    use('fs', 'read_multiple_files', { paths: [at('a.txt'), at('missing')] }),
    use('fs', 'write_file', { path: at('c.txt'), content: 'new' }),
    use('fs', 'edit_file', { path: at('a.txt'), edits: [{ oldText: 'two', newText: '2' }], dryRun: false }),
    use('fs', 'create_directory', { path: at('d') }),
    use('fs', 'move_file', { source: at('c.txt'), destination: at('d/c.txt') }),
    use('fs', 'list_directory', { path: root }),
    use('fs', 'list_directory_with_sizes', { path: root }),
    use('fs', 'directory_tree', { path: root }),
    use('fs', 'search_files', { path: root, pattern: '**/*.txt' }),
    use('fs', 'get_file_info', { path: at('a.txt') }),
    use('fs', 'list_allowed_directories', {}),
    use('fs', 'read_text_file', { path: '/etc/hostname' }, 'outside'),
  );
  t.match(out.read_text_file, /one/);
  t.match(out.read_media_file, /input_image|image/);
  t.match(out.read_multiple_files, /missing/);
  t.equal(fs.readFileSync(at('d/c.txt'), 'utf8'), 'new');
  t.equal(fs.readFileSync(at('a.txt'), 'utf8'), 'one\n2\nthree\n');
  t.match(out.list_directory, /\[DIR\] d/);
  t.match(out.directory_tree, /c\.txt/);
  t.match(out.search_files, /c\.txt/);
  t.match(out.get_file_info, /size/);
  t.match(out.list_allowed_directories, new RegExp(root.replaceAll('/', '\\/')));
  t.match(out.outside, /[Aa]ccess denied/);
  for (const { id, status } of s.items('mcpToolCall')) t.equal(status, id === 'outside' ? 'failed' : 'completed', id);
});

t.test('what it calls destructive asks, what it calls read-only does not', { skip }, async (t) => {
  const root = fs.realpathSync(t.testdir({ 'a.txt': 'one\n' }));
  const s = await withServers(t, nodeTable('fs', program!, [root]), { start: { approvalPolicy: 'on-request' } });
  await turnWith(s, use('fs', 'read_text_file', { path: path.join(root, 'a.txt') }, 'read'));
  t.equal(s.notes('mcpServer/elicitation/request').length, 0);
  s.model.push(calls(use('fs', 'write_file', { path: path.join(root, 'b.txt'), content: 'x' }, 'write')), say('done'));
  const { id } = await s.begin('go');
  const question = await s.note('mcpServer/elicitation/request');
  t.match(question.params, { serverName: 'fs', _meta: { codex_approval_kind: 'mcp_tool_call' } });
  s.daemon.answer(question.id as number, { result: { action: 'decline', content: null, _meta: null } });
  await s.ended(id);
  t.notOk(fs.existsSync(path.join(root, 'b.txt')));
});
