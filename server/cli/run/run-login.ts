/**
 * The actions of `codexd login`, `login status` and `logout`. All their output goes to standard error, as in the
 * reference.
 */
import { messageOf } from '../../errors/message-of.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { readPipedText } from '../output/piped-text.js';
import { StartError } from '../../errors/start-error.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { checkStartup } from '../../config/settings/startup.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import {
  accountForbidden,
  ACCOUNTS_DISABLED,
  KEYS_DISABLED,
  keysForbidden,
  whyNoAccount,
  whyNoKey,
} from '../../services/account/key-permission.js';
import { readLogin } from '../../sessions/model/provider/read-login.js';
import { removeLogin, storeApiKey } from '../../sessions/account/auth-file.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Longest accepted key, in bytes. */
const MAX_KEY = 64 * 1024;

export async function login(parsed: ParsedCommand): Promise<number> {
  if (isGiven(parsed, 'with-access-token')) return loginWithToken();
  if (isGiven(parsed, 'with-api-key')) return loginWithKey(parsed);
  const { loginWithAccount } = await import('./account-login.js');
  return loginWithAccount(usableSource(parsed), {
    way: isGiven(parsed, 'device-auth') ? 'device' : 'browser',
    issuer: valueOf(parsed, 'experimental_issuer') ?? null,
    clientId: valueOf(parsed, 'experimental_client-id') ?? null,
  });
}

/** Only the vendor can tell what such a token is for, and codexd does not ask there. */
async function loginWithToken(): Promise<number> {
  say('Reading access token from stdin...');
  const token = (await readPipedText(MAX_KEY)).trim();
  if (token === '') return refuse('No access token provided via stdin.');
  return refuse(
    'Error logging in with access token: codexd cannot check such tokens, because only a service of their vendor knows them. Use `codexd login`, or an API key: codexd login --with-api-key',
  );
}

async function loginWithKey(parsed: ParsedCommand): Promise<number> {
  const source = usableSource(parsed);
  if (keysForbidden(source)) return refuse(KEYS_DISABLED);
  const refusal = whyNoKey(source.settings().modelRequirements);
  if (refusal !== null) return refuse(`Error logging in: ${refusal}`);
  if (process.stdin.isTTY)
    return refuse(
      '--with-api-key reads the key from standard input: printenv OPENAI_API_KEY | codexd login --with-api-key',
    );
  say('Reading API key from stdin...');
  const key = (await readPipedText(MAX_KEY)).trim();
  if (key === '') return refuse('No API key provided via stdin.');
  // The key becomes a request header, so it must not contain other characters.
  if (!/^[\x21-\x7e]+$/.test(key))
    return refuse(
      'Error logging in: the text on stdin is no API key: it holds white space or other characters that no key has.',
    );
  try {
    await storeApiKey(source.sources.codexHome, key);
  } catch (error) {
    return refuse(`Error logging in: ${messageOf(error)}`);
  }
  say('API key saved. Authentication is checked when you send a request.');
  return 0;
}

export function loginStatus(parsed: ParsedCommand): number {
  const source = usableSource(parsed);
  const { codexHome } = source.sources;
  const stored = readLogin(codexHome);
  if (stored.kind === 'none') {
    return refuse(
      stored.problem === undefined
        ? 'Not logged in'
        : `Error checking login status: failed to deserialize CLI auth from file: ${codexHome}/auth.json: ${stored.problem}`,
    );
  }
  if (stored.kind === 'unknown') {
    return refuse(
      `Logged in using ${stored.mode ?? 'tokens that cannot be read'}, which codexd cannot use: sign in with \`codexd login\``,
    );
  }
  if (stored.kind === 'account') {
    const forbidden = accountForbidden(source) ? ACCOUNTS_DISABLED : whyNoAccount(source.settings().modelRequirements);
    if (forbidden !== null) return refuse(`A login with an account is stored, and is not used: ${forbidden}`);
    say('Logged in using ChatGPT');
    return 0;
  }
  const refusal = keysForbidden(source) ? KEYS_DISABLED : whyNoKey(source.settings().modelRequirements);
  if (refusal !== null) return refuse(`An API key is stored, and is not used: ${refusal}`);
  say(`API key configured - ${masked(stored.key)}`);
  say('Authentication is checked when you send a request.');
  return 0;
}

/** Takes tokens of an account back at their issuer, too, where the configuration lets that be asked. */
export async function logout(parsed: ParsedCommand): Promise<number> {
  try {
    const codexHome = resolveCodexHome();
    let removed: boolean;
    if (readLogin(codexHome).kind === 'account') {
      const { openAccount } = await import('./account-login.js');
      removed = await openAccount(usableSource(parsed)).logout();
    } else removed = await removeLogin(codexHome);
    say(removed ? 'Successfully logged out' : 'Not logged in');
    return 0;
  } catch (error) {
    return refuse(`Error logging out: ${messageOf(error)}`);
  }
}

/** Shows enough of a key to recognize it. */
const masked = (key: string): string => (key.length < 14 ? '***' : `${key.slice(0, 8)}***${key.slice(-5)}`);

function refuse(line: string): number {
  say(line);
  return 1;
}

/** Throws StartError while the configuration cannot be used, because its rules for logins are then unknown. */
function usableSource(parsed: ParsedCommand): ConfigService {
  const source = createConfigService({ codexHome: resolveCodexHome(), commandLine: commandLineConfig(parsed) });
  const { fatal, warnings } = checkStartup(source);
  if (fatal !== null) throw new StartError(fatal);
  const { problem, requirements } = source.resolve(source.sources.cwd);
  if (problem !== null)
    throw new StartError(`the configuration cannot be used: ${(warnings[0]?.details ?? '').trimEnd()}`);
  if (requirements instanceof Error) throw requirements;
  return source;
}
