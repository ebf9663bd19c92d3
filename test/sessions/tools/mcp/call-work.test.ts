import t from 'tap';
import type { NetworkAccess } from '../../../../server/config/permissions/network-policy.js';
import type { Prompt } from '../../../../server/network-approval/registration/prompter.js';
import { createSessionMemory } from '../../../../server/network-approval/registration/session-memory.js';
import type { ToolContext } from '../../../../server/sessions/tool-types/tool.js';
import { callWork } from '../../../../server/sessions/tools/mcp/call-work.js';
import { policyOf } from '../../../network-approval/support/policy.js';
import { configOf } from '../../mcp/support.js';

const prompt: Prompt = {
  registrationId: 'r',
  owner: { kind: 'thread', threadId: 't', turnId: 'u', itemId: 'c', mcpServer: 'srv' },
  argv: ['server', '--token=secret'],
  cwd: '/work',
  protocol: 'https',
  host: 'api.test',
  port: 443,
  reason: 'Network access to api.test requires approval',
  startedAtMs: 1,
};

function made(network: NetworkAccess) {
  const asked: Record<string, unknown>[] = [];
  const memory = createSessionMemory();
  const turn = { id: 'u', ending: false, signal: new AbortController().signal };
  const context = {
    thread: {
      id: 't',
      turn,
      runtime: { network: memory },
      flag() {},
      events: {
        ask: (_method: string, params: Record<string, unknown>) => (asked.push(params), { decision: 'accept' }),
      },
    },
    turn,
    state: { wire: { approvalPolicy: 'on-request' }, settings: { codexd: { networkPrompts: 'always' } } },
  } as unknown as ToolContext;
  const waits = (): void => {};
  return { work: callWork(context, 'c', { config: configOf(), network }, 'fetch', waits), asked, memory, waits };
}

t.test('a server without a proxy asks nobody', async (t) => {
  t.match(made({ kind: 'offline' }).work, { turnId: 'u', itemId: 'c', prompter: null });
});

t.test('the question names the server and the tool, and none of its arguments', async (t) => {
  const { work, asked, memory, waits } = made({ kind: 'proxied', policy: policyOf({}) });
  t.equal(work.waits, waits);
  t.equal(work.prompter?.memory, memory, 'the approvals of the thread');
  t.strictSame(await work.prompter?.ask(prompt, work.prompter.offers(prompt), new AbortController().signal), {
    decision: 'accept',
    by: null,
  });
  t.match(asked, [
    {
      kind: 'command',
      threadId: 't',
      turnId: 'u',
      reason: 'Network access to api.test requires approval (MCP server srv, tool fetch)',
      networkApprovalContext: { host: 'api.test', protocol: 'https' },
      commandItemId: 'c',
      mcpServer: 'srv',
      mcpTool: 'fetch',
    },
  ]);
  t.notMatch(JSON.stringify(asked), /secret/);
});
