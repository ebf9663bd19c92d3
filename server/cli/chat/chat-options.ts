/** The command line of `codexd chat` in the form that a conversation needs. */
import type { ThreadWishes } from '../../../clients/chat/session/chat-session.js';
import { wordOf } from '../../system/node/objects.js';
import { execError } from '../exec/exec-error.js';
import { execOptions, type ExecOptions } from '../exec/exec-options.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';

export interface ChatOptions {
  readonly server: ExecOptions;
  readonly plain: boolean;
  /** Null: a new session. */
  readonly earlier: Earlier | null;
  /** Null: the person types the first message. */
  readonly prompt: string | null;
}

export type Earlier =
  | { readonly kind: 'last'; readonly anywhere: boolean }
  /** Empty: the person chooses from a list. */
  | { readonly kind: 'named'; readonly session: string };

/** Throws `cli.exec` when an option cannot be used. */
export function chatOptions(parsed: ParsedCommand): ChatOptions {
  const [first = null, second = null] = parsed.trailing;
  const isLast = isGiven(parsed, 'last');
  const isNamed = isGiven(parsed, 'resume') && !isLast;
  if (!isNamed && second !== null) {
    throw execError('Only one message can be given. Put it in quotes, or name a session with --resume.');
  }
  return {
    server: execOptions(parsed, 'attach'),
    plain: isGiven(parsed, 'plain'),
    earlier: isLast
      ? { kind: 'last', anywhere: isGiven(parsed, 'all') }
      : isNamed
        ? { kind: 'named', session: first ?? '' }
        : null,
    prompt: isNamed ? second : first,
  };
}

const POLICIES = ['untrusted', 'on-request', 'never'] as const;

/** Absent members are what the server's configuration says. */
export function threadWishes({ server }: ChatOptions, parsed: ParsedCommand): ThreadWishes {
  const bypass = isGiven(parsed, 'dangerously-bypass-approvals-and-sandbox');
  const approvalPolicy = bypass ? 'never' : wordOf(POLICIES, valueOf(parsed, 'ask-for-approval'));
  return {
    ...(server.cwd === null ? {} : { cwd: server.cwd }),
    ...(server.model === null ? {} : { model: server.model }),
    ...(server.sandbox === null ? {} : { sandbox: server.sandbox }),
    ...(approvalPolicy === null ? {} : { approvalPolicy }),
    ...(server.remote?.config ? { config: server.remote.config } : {}),
  };
}
