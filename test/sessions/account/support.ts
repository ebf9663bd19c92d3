/** Accounts at an issuer of the test, in a home of the test. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { RateLimitSnapshot } from '../../../schema/protocol/services/account-usage.js';
import { readModelRequirements } from '../../../server/config/requirements/model-requirements.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { silentLogger } from '../../../server/log/log.js';
import { accountSettings } from '../../../server/sessions/account/account-settings.js';
import type { LoginOptions } from '../../../server/sessions/account/browser-login.js';
import { createAccount, type Account } from '../../../server/sessions/account/index.js';
import { authFile, readLogin, type AccountLogin } from '../../../server/sessions/model/provider/read-login.js';
import type { Issuer } from '../../fixtures/issuer.js';

export const never = new AbortController().signal;

export function newHome(t: Test): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-account-'));
  t.teardown(() => fs.rmSync(home, { recursive: true, force: true }));
  return home;
}

export interface World {
  readonly home: string;
  readonly account: Account;
  readonly limits: RateLimitSnapshot[];
  /** Lines of the log. */
  readonly lines: string[];
}

/** `config`: more of config.toml. `required`: of requirements.toml. */
export function world(t: Test, issuer: Issuer, { home = newHome(t), config = '', required = '' } = {}): World {
  const [lines, limits]: [string[], RateLimitSnapshot[]] = [[], []];
  const write = (line: string): void => void lines.push(line);
  const log = { ...silentLogger, warn: write, debug: write };
  const modelRequirements = readModelRequirements(parseToml(required), 'requirements.toml');
  const table = parseToml(
    `chatgpt_base_url = "${issuer.origin}/backend-api"\n${config}\n[codexd.login]\nissuer = "${issuer.origin}"\n`,
  );
  const account = createAccount({
    codexHome: home,
    env: {},
    settings: () => accountSettings(table, {}, modelRequirements.workspaces),
    modelRequirements: () => modelRequirements,
    onLimits: (found) => void limits.push(found),
    userAgent: 'test/1',
    log: { ...log, child: () => log },
  });
  t.teardown(() => account.close());
  return { home, account, limits, lines };
}

/** Writes a login as the official program has it. */
export function storeLogin(issuer: Issuer, home: string, change: Readonly<Record<string, unknown>> = {}): void {
  const [access, refresh] = [issuer.token(), 'refresh-0'];
  issuer.access.add(access);
  issuer.refresh.add(refresh);
  const tokens = {
    id_token: issuer.token(),
    access_token: access,
    refresh_token: refresh,
    oauth_provenance: { issuer: issuer.origin, client_id: 'client' },
    account_id: 'acct-1',
    later: 'stays',
    ...change,
  };
  const content = { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens, last_refresh: new Date().toISOString() };
  fs.writeFileSync(authFile(home), JSON.stringify(content, null, 2), { mode: 0o600 });
}

/** Throws when no account is stored. */
export function stored(home: string): AccountLogin {
  const login = readLogin(home);
  if (login.kind !== 'account') throw new Error(`the login is ${login.kind}`);
  return login.account;
}

/** What a login needs. */
export const loginOptions = ({ home, account }: World, gone = never): LoginOptions => ({
  codexHome: home,
  outbound: account.outbound(),
  settings: account.settings(),
  originator: 'test',
  gone,
});

/** What the issuer was last asked for with a form. */
export const formOf = (issuer: Issuer): URLSearchParams =>
  new URLSearchParams(issuer.asked.findLast(({ path }) => path === '/oauth/token')?.body);
