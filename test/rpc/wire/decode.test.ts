import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { decodeRequest, decodeServerRequestResult, experimentalDescriptor } from '../../../server/rpc/wire/decode.js';
import { clientMethods } from '../../../schema/method-table.js';
import { packageRoot } from '../../../server/package/package-root.js';

const message = (method: string, params: unknown): string => {
  const result = decodeRequest(method, params);
  return result.ok ? 'OK' : result.message;
};

/** Answers recorded from the reference (0.169.0): method, params, and the text after `Invalid request: ` or OK. */
function recorded(): [method: string, params: string, answer: string][] {
  const file = path.join(packageRoot(), 'test', 'schema', 'decode-cases.jsonl');
  return fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [method, params, answer] = JSON.parse(line) as [string, unknown, string];
      return [method, JSON.stringify(params), answer];
    });
}

t.test('every recorded input of every family gets the answer of the protocol', async (t) => {
  const rows = recorded();
  t.ok(rows.length > 700, 'the record is there');
  for (const [method, params, answer] of rows)
    t.equal(message(method, JSON.parse(params)), answer, `${method} ${params}`);
});

t.test('texts of docs/protocol/exec.md §0 and docs/protocol/transport.md §1', async (t) => {
  const exec = { command: ['true'] };
  const rows: [why: string, method: string, params: unknown, expected: string][] = [
    ['no params where the method has some', 'thread/list', undefined, 'missing field `params`'],
    ['null is no params', 'thread/list', null, 'missing field `params`'],
    ['a required member', 'thread/read', {}, 'missing field `threadId`'],
    [
      'a plain boolean is not nullable',
      'command/exec',
      { ...exec, tty: null },
      'invalid type: null, expected a boolean',
    ],
    ['an optional member is', 'command/exec', { ...exec, timeoutMs: null, cwd: null }, 'OK'],
    ['cwd is a path', 'command/exec', { ...exec, cwd: 5 }, 'invalid type: integer `5`, expected path string'],
    ['no fraction', 'command/exec', { ...exec, timeoutMs: 1.5 }, 'invalid type: floating point `1.5`, expected i64'],
    ['not negative', 'command/exec', { ...exec, outputBytesCap: -1 }, 'invalid value: integer `-1`, expected usize'],
    [
      '16 bits',
      'command/exec',
      { ...exec, size: { rows: 65536, cols: 1 } },
      'invalid value: integer `65536`, expected u16',
    ],
    ['a list is no map', 'command/exec', { ...exec, env: [] }, 'invalid type: sequence, expected a map'],
    ['a union without its tag', 'command/exec', { ...exec, sandboxPolicy: {} }, 'missing field `type`'],
    [
      'relative where it must be absolute',
      'fs/readFile',
      { path: 'a' },
      'AbsolutePathBuf deserialized without a base path',
    ],
    [
      'beyond 64 bits a number is floating point',
      'thread/read',
      { threadId: 1e30 },
      'invalid type: floating point `1e+30`, expected a string',
    ],
    [
      'strings are quoted with escapes',
      'thread/list',
      'a"\n\u0007\u2028é',
      'invalid type: string "a\\"\\n\\u{7}\\u{2028}é", expected struct ThreadListParams',
    ],
    ['methods without params take none', 'configRequirements/read', undefined, 'OK'],
    ['… or null', 'configRequirements/read', null, 'OK'],
    ['… or an empty object', 'configRequirements/read', {}, 'OK'],
    ['… and nothing else', 'configRequirements/read', 5, 'invalid type: integer `5`, expected unit'],
    ['params that may be absent as a whole', 'account/usage/read', undefined, 'OK'],
  ];
  for (const [why, method, params, expected] of rows) t.equal(message(method, params), expected, why);
});

t.test('the first mistake in the order of the input wins, missing members come last', async (t) => {
  t.equal(message('command/exec', { cwd: 5, command: 5 }), 'invalid type: integer `5`, expected path string');
  t.equal(message('command/exec', { command: 5, cwd: 5 }), 'invalid type: integer `5`, expected a sequence');
  t.equal(message('process/spawn', { tty: 'x' }), 'invalid type: string "x", expected a boolean');
  t.equal(message('process/spawn', { cwd: '/', command: [] }), 'missing field `processHandle`');
});

t.test("an unknown method is answered with all methods in the protocol's order", async (t) => {
  const text = message('no/such', {});
  t.ok(
    text.startsWith(
      'unknown variant `no/such`, expected one of `initialize`, `server/diagnostics`, `userVerification/status`, ',
    ),
  );
  t.ok(text.endsWith('`fuzzyFileSearch/sessionUpdate`, `fuzzyFileSearch/sessionStop`'));
  t.equal(text.match(/`[^`]+`/g)?.length, 193, '192 methods and the unknown one');
  t.notMatch(text, 'network/decisions/list', 'what only codexd knows is not listed');
  t.ok(decodeRequest('network/decisions/list', {}).ok, 'but understood');
  for (const name of ['', 'initialized', 'constructor', '__proto__', 'toString']) {
    t.ok(message(name, {}).startsWith(`unknown variant \`${name}\`, expected one of `), `"${name}" is none either`);
  }
});

t.test('defaults are added, omitted members are null, unknown members are removed', async (t) => {
  const decoded = decodeRequest('command/exec', {
    command: ['a'],
    sandboxPolicy: { type: 'workspaceWrite' },
    noSuch: 1,
  });
  t.match(decoded, {
    ok: true,
    params: {
      command: ['a'],
      tty: false,
      streamStdin: false,
      timeoutMs: null,
      env: null,
      sandboxPolicy: { writableRoots: [], networkAccess: false, excludeTmpdirEnvVar: false, excludeSlashTmp: false },
    },
  });
  const patch = decodeRequest('thread/start', { serviceTier: null });
  t.match(patch, { ok: true, params: { serviceTier: null } }, 'null where absence means something else stays null');
  const absent = decodeRequest('thread/start', {});
  t.notOk(absent.ok && Object.hasOwn(absent.params as object, 'serviceTier'), 'and absence stays absence');
});

t.test('spellings of earlier clients are accepted', async (t) => {
  const mode = { mode: 'code', settings: { model: 'm' } };
  const turn = decodeRequest('turn/start', { threadId: 't', input: [], collaborationMode: mode });
  t.match(turn, { ok: true, params: { collaborationMode: { mode: 'default' } } });
  const tool = { name: 'n', description: 'd', inputSchema: {} };
  const start = decodeRequest('thread/start', {
    dynamicTools: [tool, { ...tool, namespace: 's', exposeToContext: false }],
  });
  t.match(start, {
    ok: true,
    params: {
      dynamicTools: [
        { type: 'function', name: 'n', deferLoading: false },
        { type: 'namespace', name: 's', tools: [{ type: 'function', name: 'n', deferLoading: true }] },
      ],
    },
  });
  t.equal(
    message('thread/start', { dynamicTools: [tool, { type: 'function', ...tool }] }),
    'dynamic tools must use either canonical or legacy format consistently',
  );
});

t.test('answers of a client are read by the type of the request', async (t) => {
  const method = 'item/commandExecution/requestApproval';
  t.same(decodeServerRequestResult(method, { decision: 'accept' }), { ok: true, params: { decision: 'accept' } });
  t.same(decodeServerRequestResult(method, {}), { ok: false, message: 'missing field `decision`' });
  t.match(decodeServerRequestResult(method, { decision: 'perhaps' }), {
    ok: false,
    message: /^unknown variant `perhaps`/,
  });
  t.notOk(decodeServerRequestResult(method, null).ok);
  t.notOk(decodeServerRequestResult(method, undefined).ok);
  t.throws(() => decodeServerRequestResult('no/such', {}), /not a request of the server/);
});

t.test('members that need experimentalApi are named (docs/protocol/transport.md §3)', async (t) => {
  const granular = { granular: { sandbox_approval: true, rules: false, mcp_elicitations: false } };
  const rows: [why: string, method: string, params: object, expected: string | null][] = [
    ['a gated method', 'process/kill', { processHandle: 'h' }, 'process/kill'],
    ['a stable one', 'thread/list', {}, null],
    ['a gated member', 'thread/start', { permissions: ':read-only' }, 'thread/start.permissions'],
    ['an empty list is something', 'thread/start', { dynamicTools: [] }, 'thread/start.dynamicTools'],
    ['null is nothing', 'thread/start', { dynamicTools: null }, null],
    ['false is nothing', 'thread/start', { experimentalRawEvents: false }, null],
    ['true is something', 'thread/start', { experimentalRawEvents: true }, 'thread/start.experimentalRawEvents'],
    ['a word of a choice', 'thread/start', { approvalPolicy: granular }, 'askForApproval.granular'],
    ['its other words are free', 'thread/start', { approvalPolicy: 'never' }, null],
    [
      'on every method that has it',
      'thread/fork',
      { threadId: 't', approvalPolicy: granular },
      'askForApproval.granular',
    ],
    ['fixed order', 'thread/start', { mockExperimentalField: 'x', permissions: 'p' }, 'thread/start.permissions'],
    [
      'in either input order',
      'thread/start',
      { permissions: 'p', mockExperimentalField: 'x' },
      'thread/start.permissions',
    ],
    [
      'the word in its place',
      'thread/start',
      { permissions: 'p', approvalPolicy: granular },
      'askForApproval.granular',
    ],
    [
      'before it',
      'thread/start',
      { runtimeWorkspaceRoots: [], approvalPolicy: granular },
      'thread/start.runtimeWorkspaceRoots',
    ],
    [
      'a member of a member',
      'thread/items/list',
      { threadId: 't', deferOutput: { mcpToolCall: true } },
      'thread/items/list.deferOutput.mcpToolCall',
    ],
    ['a null that means something', 'thread/list', { projectId: null }, 'thread/list.projectId'],
    ['and its absence', 'thread/list', {}, null],
    ['which is false', 'thread/items/list', { threadId: 't', deferOutput: { mcpToolCall: false } }, null],
    ['command/exec', 'command/exec', { command: ['x'], permissionProfile: 'p' }, 'command/exec.permissionProfile'],
  ];
  for (const [why, method, params, expected] of rows) {
    const decoded = decodeRequest(method, params);
    t.ok(decoded.ok, `${why}: decodes`);
    t.equal(experimentalDescriptor(method, decoded.ok ? decoded.params : null), expected, why);
  }
  t.equal(Object.values(clientMethods).filter((entry) => entry.gated).length, 79, '79 methods are gated');
});
