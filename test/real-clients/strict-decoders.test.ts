/**
 * A session of all methods and of every kind of turn, whose messages are held to decoders that the official program
 * generates (strict/decoders.ts). The official program has the same session: a session that its own decoders refuse
 * proves nothing, and what it answers with a result is no error here.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { mcpProgram, mcpTable } from '../fixtures/mcp-server.js';
import { modelConfig } from '../fixtures/model-config.js';
import { startModelServer } from '../fixtures/model-server.js';
import { scratch } from '../fixtures/program.js';
import { CODEXD, official, unless } from '../fixtures/real-clients.js';
import { NOT_OFFERED } from '../../server/app/not-offered.js';
import { checkedClient, type CheckedClient } from './strict/checked-client.js';
import { officialDecoders, type Decoders } from './strict/decoders.js';
import { modelScript, PIXEL } from './strict/model-script.js';
import { session } from './strict/session.js';

t.setTimeout(900_000);

const CODEXD_PROGRAM = [process.execPath, CODEXD] as const;
const NEWEST = '0.171.0';
const VERSIONS = ['0.169.0', NEWEST];
const OLDEST = '0.130.0';

/** What the official program sends in this session and codexd does not (docs/protocol-extensions.md). */
const NOT_SENT = new Set(['warning', 'account/rateLimits/updated', 'remoteControl/status/changed']);

/** What the official program answers and codexd refuses in a sentence that says why (docs/protocol/services.md). */
const REFUSED = ['environment/add', 'account/bedrock/discover', 'rollout/compress'];

const TOOLS = `
echo: { annotations: { readOnlyHint: true }, run: ({ text: said }) => text(said) },
change: { annotations: { destructiveHint: true }, run: () => text('changed') },
slow: { annotations: { readOnlyHint: true }, run: (_, { _meta }) => {
  note('notifications/progress', { progressToken: _meta?.progressToken, progress: 1, total: 2, message: 'half' });
  return text('slow'); } },
broken: { annotations: { readOnlyHint: true }, run: () => ({ ...text('no'), isError: true }) },
form: { annotations: { readOnlyHint: true }, run: async () => text(JSON.stringify(await ask('elicitation/create', {
  message: 'Who?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } }))) },
page: { annotations: { readOnlyHint: true }, run: async () => text(JSON.stringify(await ask('elicitation/create', {
  mode: 'url', message: 'Open', url: 'http://127.0.0.1/', elicitationId: 'e' }))) },`;
const RESOURCES = `
capabilities = { tools: {}, resources: {} };
handlers['resources/list'] = () => ({ resources: [{ uri: 'test://one', name: 'one', mimeType: 'text/plain' }] });
handlers['resources/templates/list'] = () => ({ resourceTemplates: [{ uriTemplate: 'test://{x}', name: 'x' }] });
handlers['resources/read'] = ({ uri }) => ({ contents: [{ uri, mimeType: 'text/plain', text: 'one' }] });`;

/** Runs the session; its client is closed. */
async function run(
  t: Test,
  program: readonly [string, ...string[]],
  decoders: readonly Decoders[],
  experimental = true,
) {
  const places = scratch(t, '');
  const { home, work, user } = places;
  const outside = path.join(user, 'outside');
  fs.mkdirSync(outside);
  fs.mkdirSync(path.join(home, 'skills', 'demo'), { recursive: true });
  fs.writeFileSync(path.join(home, 'skills', 'demo', 'SKILL.md'), '---\nname: demo\ndescription: A demo\n---\nBody\n');
  fs.writeFileSync(path.join(work, 'pixel.png'), Buffer.from(PIXEL, 'base64'));
  const model = await startModelServer();
  t.teardown(() => model.close());
  model.always(modelScript(work, outside));
  const catalog = path.join(user, 'catalog.json');
  fs.writeFileSync(catalog, JSON.stringify({ models: [MODEL] }));
  const { file } = mcpProgram(t.testdir(), TOOLS, RESOURCES);
  fs.writeFileSync(path.join(home, 'config.toml'), config(model.url, catalog, file));
  const client = checkedClient([...program, 'app-server', '--listen', 'stdio://'], {
    decoders,
    cwd: work,
    env: { CODEX_HOME: home, HOME: user, CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG: '1' },
    wireFile: wireFile(program[0]),
  });
  try {
    await session(client, { home, work, outside, user }, experimental);
  } finally {
    await client.close();
  }
  return client;
}

/** `CODEXD_STRICT_WIRE` names a folder that keeps the messages. */
function wireFile(program: string): string | null {
  const folder = process.env['CODEXD_STRICT_WIRE'];
  return folder === undefined ? null : path.join(folder, `${Date.now()}-${path.basename(program)}.wire`);
}

const config = (url: string, catalog: string, server: string): string =>
  modelConfig(url)
    .replace(/^approval_policy = .*$/m, 'approval_policy = "on-request"')
    .replace(/^sandbox_mode = .*$/m, 'sandbox_mode = "workspace-write"')
    .replace(
      '[analytics]',
      `model_catalog_json = ${JSON.stringify(catalog)}\nshow_raw_agent_reasoning = true\n[analytics]`,
    )
    .replace('[features]', '[features]\nrequest_permissions_tool = true\ndefault_mode_request_user_input = true') +
  mcpTable('tools', server) +
  '[[hooks.UserPromptSubmit]]\n[[hooks.UserPromptSubmit.hooks]]\ntype = "command"\ncommand = "true"\n' +
  '[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n';

const MODEL = {
  slug: 'mock-model',
  display_name: 'mock-model',
  description: 'x',
  default_reasoning_level: 'medium',
  supported_reasoning_levels: ['low', 'medium', 'high'].map((effort) => ({ effort, description: effort })),
  shell_type: 'unified_exec',
  visibility: 'list',
  supported_in_api: true,
  priority: 1,
  availability_nux: null,
  upgrade: null,
  base_instructions: 'BASE',
  supports_reasoning_summaries: true,
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: 'freeform',
  truncation_policy: { mode: 'tokens', limit: 10_000 },
  supports_parallel_tool_calls: true,
  context_window: 272_000,
  experimental_supported_tools: [],
  input_modalities: ['text', 'image'],
};

const decodersOf = (t: Test, version: string, experimental: boolean): Promise<Decoders> =>
  officialDecoders([official(version)!], path.join(scratch(t, '').user, 'schema'), {
    name: experimental ? version : `${version} stable`,
    experimental,
    home: scratch(t, '').home,
  });

/** Outcomes that a person has to look at; the others are results, and turns that end as the official program's do. */
const worse = (ours: CheckedClient, theirs: CheckedClient): string[] =>
  [...theirs.outcomes].flatMap(([what, outcome]) => {
    const own = ours.outcomes.get(what);
    const isEnd = /ends$|^\(/.test(what);
    if (own === outcome || (!isEnd && (outcome !== 'result' || isNotOffered(what)))) return [];
    return [`${what}: ${own}, and of the official program: ${outcome}`];
  });

const isNotOffered = (what: string): boolean =>
  [...NOT_OFFERED, ...REFUSED].some((method) => method === what.split(' ')[0]);

for (const version of VERSIONS) {
  const skip = unless(official(version), `the official program ${version}`);
  t.test(`decoders of ${version} accept the session`, { skip }, async (t) => {
    const decoders = [await decodersOf(t, version, true)];
    const theirs = await run(t, [official(version)!], decoders);
    const ours = await run(t, CODEXD_PROGRAM, decoders);
    t.strictSame(
      [...ours.refused].filter((fault) => !theirs.refused.has(fault)),
      [],
    );
    t.strictSame(worse(ours, theirs), []);
    t.strictSame(
      [...theirs.seen].filter((what) => !ours.seen.has(what) && !NOT_SENT.has(what)),
      [],
    );
    const answered = new Set([...ours.outcomes].filter(([, outcome]) => outcome === 'result').map(([what]) => what));
    t.ok(answered.size >= 120, `${answered.size} requests were answered`);
    const turns = [...ours.outcomes.keys()].filter((what) => /^turn .* ends$/.test(what));
    t.ok(turns.length >= 35, `${turns.length} kinds of turns ended`);
  });
}

const newest = unless(official(NEWEST), `the official program ${NEWEST}`);
t.test('a client without the experimental parts gets none of them', { skip: newest }, async (t) => {
  const decoders = [await decodersOf(t, NEWEST, false)];
  const theirs = await run(t, [official(NEWEST)!], decoders, false);
  const ours = await run(t, CODEXD_PROGRAM, decoders, false);
  t.strictSame(
    [...ours.refused].filter((fault) => !theirs.refused.has(fault)),
    [],
  );
  t.strictSame(worse(ours, theirs), []);
});

const old = unless(official(OLDEST), `the official program ${OLDEST}`) || newest;
t.test(`decoders of ${OLDEST} refuse no more than of the official ${NEWEST}`, { skip: old }, async (t) => {
  const decoders = [await decodersOf(t, OLDEST, true)];
  const theirs = await run(t, [official(NEWEST)!], decoders);
  const ours = await run(t, CODEXD_PROGRAM, decoders);
  t.strictSame(
    [...ours.refused].filter((fault) => !theirs.refused.has(fault)),
    [],
  );
  t.strictSame(worse(ours, theirs), []);
});
