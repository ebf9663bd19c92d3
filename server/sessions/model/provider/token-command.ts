/**
 * Tokens from a program: `[model_providers.ID.auth]`. The program prints a token on its standard output. The token is
 * used for a while, and requested again if the endpoint refuses it.
 */
import { messageOf } from '../../../errors/message-of.js';
import { ModelError } from './model-provider.js';

export interface TokenCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** In milliseconds. */
  readonly timeoutMs: number;
  /** How long a token is used, in milliseconds; 0: until the endpoint refuses it. */
  readonly refreshMs: number;
  /** Null: the Codex home. */
  readonly cwd: string | null;
}

/** The turn for whose request the program runs. */
export interface TokenOwner {
  readonly threadId: string;
  readonly turnId: string;
}

/** Runs the program. Rejects if it cannot be started, or with the signal's reason. */
export type RunTokenCommand = (
  command: TokenCommand,
  owner: TokenOwner,
  signal: AbortSignal,
) => Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>;

export interface TokenSource {
  /** Throws ModelError if the program prints no token. Simultaneous requests share one run. */
  token(owner: TokenOwner, signal: AbortSignal): Promise<string>;
  /** The endpoint refused the token. */
  forget(): void;
}

/** How many characters of the program's own error text are shown. */
const MAX_WORDS = 500;

export function createTokenSource(provider: string, command: TokenCommand, run: RunTokenCommand): TokenSource {
  let known: { readonly token: string; readonly until: number } | null = null;
  let asking: Promise<string> | null = null;

  const ask = async (owner: TokenOwner, signal: AbortSignal): Promise<string> => {
    const fail = (why: string): ModelError =>
      new ModelError(`model_providers.${provider}.auth: \`${command.command}\` ${why}`, 'other', 'never');
    const { exitCode, stdout, stderr } = await run(command, owner, signal).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw fail(`cannot be run: ${messageOf(error)}`);
    });
    if (exitCode !== 0) throw fail(`ended with ${exitCode}: ${stderr.trim().slice(0, MAX_WORDS)}`);
    const token = stdout.trim();
    // A header cannot contain control characters, and a token has none.
    if (!/^[\x21-\x7e]+$/.test(token)) throw fail('printed no token on its standard output');
    known = { token, until: command.refreshMs === 0 ? Infinity : Date.now() + command.refreshMs };
    return token;
  };
  return {
    async token(owner, signal) {
      if (known !== null && Date.now() < known.until) return known.token;
      asking ??= ask(owner, signal).finally(() => (asking = null));
      return asking;
    },
    forget: () => void (known = null),
  };
}
