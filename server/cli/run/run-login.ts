/**
 * The actions of `codexd login`, `login status` and `logout`. All their output goes to standard error, as in the
 * reference.
 */
import { messageOf } from '../../errors/message-of.js';
import { commandLineConfig } from '../options/app-server-options.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { readPipedText } from '../output/piped-text.js';
import { StartError } from '../../errors/start-error.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { checkStartup } from '../../config/settings/startup.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import { KEYS_DISABLED, keysForbidden, whyNoKey } from '../../services/account/key-permission.js';
import { readLogin } from '../../sessions/model/provider/read-login.js';
import { removeLogin, storeApiKey } from '../../services/account/stored-login.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Longest accepted key, in bytes. */
const MAX_KEY = 64 * 1024;

export async function login(parsed: ParsedCommand, withKey: boolean): Promise<number> {
  if (!withKey) {
    say('codexd cannot sign in with an account in a browser. Instead:');
    say('  store an API key:      printenv OPENAI_API_KEY | codexd login --with-api-key');
    say('  or use a variable:     a provider with `env_key` in config.toml');
    say('  or a local model:      codexd exec --oss "hello"');
    return 1;
  }
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
    storeApiKey(source.sources.codexHome, key);
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
      `Logged in using ${stored.mode === null || stored.mode === 'chatgpt' ? 'ChatGPT' : stored.mode}, which codexd cannot use: store an API key with \`codexd login --with-api-key\``,
    );
  }
  const refusal = keysForbidden(source) ? KEYS_DISABLED : whyNoKey(source.settings().modelRequirements);
  if (refusal !== null) return refuse(`An API key is stored, and is not used: ${refusal}`);
  say(`API key configured - ${masked(stored.key)}`);
  say('Authentication is checked when you send a request.');
  return 0;
}

export function logout(): number {
  try {
    say(removeLogin(resolveCodexHome()) ? 'Successfully logged out' : 'Not logged in');
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
