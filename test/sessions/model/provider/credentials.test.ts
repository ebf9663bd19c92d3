/** Which key a request carries, for each combination of what a machine may hold (measured beside version 0.171). */
import t from 'tap';
import { findCredential } from '../../../../server/sessions/model/provider/credentials.js';
import { providerSettings } from '../../../../server/sessions/model/provider/provider-settings.js';
import type { StoredLogin } from '../../../../server/sessions/model/provider/read-login.js';
import type { TomlTable } from '../../../../server/config/toml/value.js';
import { table } from '../support.js';

const STORED: StoredLogin = { kind: 'apiKey', key: 'stored' };
const CHATGPT: StoredLogin = { kind: 'unknown', mode: 'chatgpt' };
const BROKEN: StoredLogin = { kind: 'none', problem: 'no JSON' };
const NONE: StoredLogin = { kind: 'none' };
const ALL = { CODEX_API_KEY: 'codex', OPENAI_API_KEY: 'openai', MY_KEY: 'mine' };
const { MY_KEY: _, ...OTHERS } = ALL;

const LOGIN = { requires_openai_auth: true };
const VARIABLE = { env_key: 'MY_KEY' };
const TOKEN = { experimental_bearer_token: 'token' };
const PROGRAM = { auth: { command: 'print-token' } };
/** Null: the built-in provider of the vendor. */
type Provider = TomlTable | null;

const CASES: readonly (readonly [
  provider: Provider,
  env: Readonly<Record<string, string>>,
  login: StoredLogin | null,
  forServer: string,
  forExec?: string,
])[] = [
  // A provider that names nothing gets nothing.
  [{}, ALL, STORED, 'none'],
  // What a provider names comes first, in this order.
  [VARIABLE, ALL, STORED, 'mine'],
  [{ ...VARIABLE, ...LOGIN }, ALL, STORED, 'mine'],
  [{ ...VARIABLE, ...TOKEN, ...PROGRAM, ...LOGIN }, ALL, STORED, 'mine'],
  [{ ...TOKEN, ...LOGIN }, ALL, STORED, 'token'],
  [{ ...TOKEN, ...PROGRAM }, ALL, STORED, 'token'],
  [PROGRAM, ALL, STORED, 'command'],
  [{ ...PROGRAM, ...LOGIN }, ALL, STORED, 'command'],
  // A variable that is named and not set is an error, whatever else there is.
  [VARIABLE, OTHERS, STORED, 'MY_KEY is missing'],
  [VARIABLE, { MY_KEY: ' \n' }, STORED, 'MY_KEY is missing'],
  [{ ...VARIABLE, ...TOKEN, ...LOGIN }, OTHERS, STORED, 'MY_KEY is missing'],
  // The vendor's login.
  [LOGIN, ALL, STORED, 'stored', 'codex'],
  [LOGIN, { OPENAI_API_KEY: 'openai' }, STORED, 'stored'],
  [LOGIN, { OPENAI_API_KEY: 'openai' }, NONE, 'none'],
  [LOGIN, ALL, NONE, 'none', 'codex'],
  [LOGIN, ALL, null, 'none', 'codex'],
  [LOGIN, {}, CHATGPT, 'null is missing'],
  [LOGIN, {}, BROKEN, 'null is missing'],
  [LOGIN, {}, { kind: 'apiKey', key: '' }, 'none'],
  [null, ALL, STORED, 'stored', 'codex'],
  [null, { OPENAI_API_KEY: 'openai' }, STORED, 'stored'],
  [null, { OPENAI_API_KEY: ' openai\n' }, NONE, 'openai'],
  [null, { OPENAI_API_KEY: 'openai' }, CHATGPT, 'openai'],
  [null, { OPENAI_API_KEY: 'openai' }, null, 'openai'],
  [null, {}, STORED, 'stored'],
  [null, { CODEX_API_KEY: 'codex' }, NONE, 'OPENAI_API_KEY is missing', 'codex'],
  [null, { CODEX_API_KEY: '' }, STORED, 'stored'],
  [null, {}, NONE, 'OPENAI_API_KEY is missing'],
];

for (const [provider, env, login, forServer, forExec = forServer] of CASES) {
  const settings = providerSettings(
    provider === null ? {} : table(provider),
    provider === null ? 'openai' : 'mock',
    {},
  )!;
  const name = `${JSON.stringify(provider)} ${Object.keys(env).join()} ${JSON.stringify(login)}`;
  for (const [isExec, wanted] of [[false, forServer] as const, [true, forExec] as const]) {
    const found = findCredential(settings, { env, forExec: isExec, login: () => login });
    const seen =
      found.kind === 'key' ? found.key : found.kind === 'missing' ? `${found.variable} is missing` : found.kind;
    t.equal(seen, wanted, `${name}${isExec ? ' exec' : ''}`);
  }
}

t.test('the words say what to do', (t) => {
  const why = (provider: Provider, login: StoredLogin): string => {
    const settings = providerSettings(
      provider === null ? {} : table(provider),
      provider === null ? 'openai' : 'mock',
      {},
    )!;
    const found = findCredential(settings, { env: {}, forExec: false, login: () => login });
    return found.kind === 'missing' ? found.why : found.kind;
  };
  t.equal(why(null, NONE), 'Missing environment variable: `OPENAI_API_KEY`.');
  t.equal(
    why({ ...VARIABLE, env_key_instructions: 'Ask Eve.' }, NONE),
    'Missing environment variable: `MY_KEY`. Ask Eve.',
  );
  t.match(why(null, CHATGPT), /\(chatgpt\)\. Log in with an API key/);
  t.match(why(LOGIN, BROKEN), /auth\.json in the Codex home cannot be read: no JSON/);
  t.end();
});
