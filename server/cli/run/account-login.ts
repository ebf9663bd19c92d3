/** `codexd login` with an account: in a browser, or with a device code (docs/guide/sign-in.md). */
import { messageOf } from '../../errors/message-of.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { silentLogger } from '../../log/log.js';
import { CODEXD_VERSION } from '../../package/package-version.js';
import { accountForbidden, ACCOUNTS_DISABLED, whyNoAccount } from '../../services/account/key-permission.js';
import { accountSettings, checkedAddress, type AccountSettings } from '../../sessions/account/account-settings.js';
import type { LoginOptions } from '../../sessions/account/browser-login.js';
import { createAccount, type Account } from '../../sessions/account/index.js';
import { terminalText } from '../output/terminal-text.js';

export interface AccountLoginRequest {
  readonly way: 'browser' | 'device';
  /** Another issuer than that of the configuration; null: that one. */
  readonly issuer: string | null;
  readonly clientId: string | null;
}

/** The name of this program to an issuer. */
const ORIGINATOR = 'codex_cli_rs';

/** The exit code. */
export async function loginWithAccount(source: ConfigService, request: AccountLoginRequest): Promise<number> {
  if (accountForbidden(source)) return refuse(ACCOUNTS_DISABLED);
  const refusal = whyNoAccount(source.settings().modelRequirements);
  if (refusal !== null) return refuse(`Error logging in: ${refusal}`);
  const account = openAccount(source);
  const gone = new AbortController();
  const stop = (): void => gone.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const options: LoginOptions = {
      codexHome: source.sources.codexHome,
      outbound: account.outbound(),
      settings: withRequest(account.settings(), request),
      originator: ORIGINATOR,
      gone: gone.signal,
    };
    await (request.way === 'device' ? inDevice(options) : inBrowser(options));
    say('Successfully logged in');
    return 0;
  } catch (error) {
    return refuse(`Error logging in: ${terminalText(messageOf(error), process.stderr)}`);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await account.close();
  }
}

async function inBrowser(options: LoginOptions): Promise<void> {
  const { startBrowserLogin } = await import('../../sessions/account/browser-login.js');
  const { authUrl, port, done } = await startBrowserLogin(options);
  say(`Starting local login server on http://localhost:${port}.`);
  say('Open this URL in your browser to authenticate:\n');
  say(`${authUrl}\n`);
  say('On a remote or headless machine? Use `codexd login --device-auth` instead.');
  await done;
}

async function inDevice(options: LoginOptions): Promise<void> {
  const { startDeviceLogin } = await import('../../sessions/account/device-login.js');
  const { verificationUrl, userCode, done } = await startDeviceLogin(options);
  const code = terminalText(userCode, process.stdout);
  process.stdout.write(
    `To sign in:\n\n1. Open this link in a browser, and sign in to your account:\n   ${verificationUrl}\n\n2. Enter this code (it counts for 15 minutes):\n   ${code}\n\nGo on only if you began this login yourself. If a website or another person gave you this code, stop.\n`,
  );
  await done;
}

/** An account without threads: what goes wrong is the outcome of the command, so there is no log. */
export function openAccount(source: ConfigService): Account {
  return createAccount({
    codexHome: source.sources.codexHome,
    env: process.env,
    settings: () => {
      const { workspaces } = source.settings().modelRequirements;
      return accountSettings(source.resolve(source.sources.cwd).effective.table, process.env, workspaces);
    },
    modelRequirements: () => source.settings().modelRequirements,
    onLimits: () => undefined, // No client waits for them.
    userAgent: `codexd/${CODEXD_VERSION}`,
    log: silentLogger,
  });
}

/** Throws `account.login`. */
function withRequest(settings: AccountSettings, { issuer, clientId }: AccountLoginRequest): AccountSettings {
  const other = issuer === null ? {} : { issuer: checkedAddress('--experimental_issuer', issuer), isVendors: false };
  return { ...settings, ...other, ...(clientId === null ? {} : { clientId }) };
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function refuse(line: string): number {
  say(line);
  return 1;
}
