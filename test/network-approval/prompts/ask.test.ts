import t from 'tap';
import { createAsk } from '../../../server/network-approval/prompts/ask.js';
import { amendment, turnDecisions } from '../../../server/network-approval/prompts/offers.js';
import type { Decision, Prompt, Prompter, Reply } from '../../../server/network-approval/registration/prompter.js';
import { createSessionMemory } from '../../../server/network-approval/registration/session-memory.js';
import type { Question } from '../../../server/network-approval/command-questions.js';
import { parseAuthority } from '../../../server/network-approval/decide/targets.js';
import { silentLogger } from '../../../server/log/log.js';

const never = new AbortController().signal;

function question(authority: string, prompter: Prompter | null, changes: Partial<Question['request']> = {}): Question {
  const target = parseAuthority(authority, 80);
  if (target === null) throw new Error(`no target: ${authority}`);
  return {
    registrationId: 'r1',
    owner: { kind: 'thread', threadId: 'th', turnId: 'tu', itemId: 'it' },
    argv: ['curl', 'http://x'],
    cwd: '/work',
    prompter,
    request: { protocol: 'http', target, method: 'GET', ...changes },
  };
}

/** Answers as told; `seen` and `told` are what the owner of the prompt sees of it. */
function setup(
  reply: Reply | Error | ((prompt: Prompt) => Promise<Reply>),
  options: { readonly broken?: boolean } = {},
) {
  const seen: Prompt[] = [];
  const told: string[] = [];
  const rules: string[] = [];
  const prompter: Prompter = {
    memory: createSessionMemory(),
    offers: turnDecisions,
    ask: async (prompt) => {
      seen.push(prompt);
      if (reply instanceof Error) throw reply;
      return typeof reply === 'function' ? reply(prompt) : reply;
    },
    amended: (prompt, action) => void told.push(`amended ${action} ${prompt.host}`),
    warn: (_prompt, message) => void told.push(message),
  };
  const ask = createAsk({
    log: silentLogger,
    rules: {
      appendNetworkRule: async (host, protocol, decision) => {
        rules.push(`${decision} ${protocol} ${host}`);
        if (options.broken === true) throw new Error('disk full');
      },
    },
  });
  return { ask, prompter, seen, told, rules };
}

t.test('the effect of each decision (docs/protocol/network.md §4)', async (t) => {
  const REJECTED = { allow: false, sentence: 'rejected by user' };
  const FAILED = { allow: false, sentence: 'approval request failed' };
  const rows: [reply: Reply | Error, answer: unknown, rules: string[], told: string[], why: string][] = [
    ['accept', { allow: true }, [], [], 'goes on, nothing is remembered'],
    ['acceptForSession', { allow: true }, [], [], 'no file'],
    [amendment('api.test', 'allow'), { allow: true }, ['allow http api.test'], ['amended allow api.test'], 'a rule'],
    [
      amendment('API.test.', 'allow'),
      { allow: true },
      ['allow http api.test'],
      ['amended allow api.test'],
      'the same host',
    ],
    [amendment('api.test', 'deny'), REJECTED, ['deny http api.test'], ['amended deny api.test'], 'although not listed'],
    ['decline', REJECTED, [], [], 'although not listed'],
    ['cancel', { ...REJECTED, endsCommand: true }, [], [], 'ends the command as well'],
    [
      { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['curl'] } },
      FAILED,
      [],
      [],
      'a decision that was not offered is no permission, and writes nothing',
    ],
    ['maybe' as Decision, FAILED, [], [], 'no decision at all'],
    [
      amendment('other.test', 'allow'),
      { allow: false, sentence: null },
      [],
      [
        "Failed to apply network policy amendment: network policy amendment host 'other.test' does not match approved host 'api.test'",
      ],
      'another host',
    ],
    [new Error('the client answered with an error'), FAILED, [], [], 'an error'],
    [{ refused: 'too risky' }, { allow: false, sentence: 'too risky' }, [], [], 'a reviewer in its own words'],
    [null, null, [], [], 'nobody is there'],
  ];
  for (const [reply, answer, rules, told, why] of rows) {
    const made = setup(reply);
    t.strictSame(await made.ask(question('api.test:8080', made.prompter), never), answer, why);
    t.strictSame([made.rules, made.told], [rules, told], why);
    t.match(made.seen, [{ reason: 'Network access to api.test requires approval', host: 'api.test', port: 8080 }]);
  }
});

t.test('an amendment that cannot be written allows nothing; a denial still applies to the request', async (t) => {
  for (const action of ['allow', 'deny'] as const) {
    const made = setup(amendment('api.test', action), { broken: true });
    const answer = await made.ask(question('api.test', made.prompter), never);
    t.strictSame(answer, { allow: false, sentence: action === 'deny' ? 'rejected by user' : null });
    t.strictSame(made.told, ['Failed to apply network policy amendment: disk full']);
  }
});

t.test('case 47: an approval for the session is for one protocol, host and port, and for one owner', async (t) => {
  const { ask, prompter, seen } = setup('acceptForSession');
  await ask(question('api.test:80', prompter), never);
  t.strictSame(await ask(question('api.test:80', prompter), never), { allow: true });
  t.equal(seen.length, 1, 'the same target is not asked about again');
  await ask(question('api.test:81', prompter), never);
  await ask(question('api.test:80', prompter, { protocol: 'https' }), never);
  await ask(question('sub.api.test:80', prompter), never);
  t.equal(seen.length, 4, 'another port, another protocol, another host');

  const other = setup('decline');
  t.match(await ask(question('api.test:80', other.prompter), never), { allow: false }, 'another thread');
  t.equal(other.seen.length, 1);
  const silent: Prompter = { ...prompter, ask: async () => null };
  t.strictSame(await ask(question('api.test:80', silent), never), { allow: true }, 'holds where nobody may be asked');
});

t.test('case 45: an answer after the command’s end has no effect', async (t) => {
  for (const late of ['acceptForSession', amendment('api.test', 'allow'), new Error('withdrawn')] as const) {
    const ended = new AbortController();
    const made = setup(async () => {
      ended.abort();
      if (late instanceof Error) throw late;
      return late;
    });
    t.equal(await made.ask(question('api.test', made.prompter), ended.signal), null);
    t.strictSame(made.rules, []);
    t.notOk(made.prompter.memory.approved({ protocol: 'http', host: 'api.test', port: 80 }));
  }
});

t.test('without a prompter there is no answer', async (t) => {
  const { ask } = setup('accept');
  t.equal(await ask(question('api.test', null), never), null);
});
