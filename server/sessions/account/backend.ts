/**
 * Questions to the services that know the account, at `chatgpt_base_url`.
 *
 * Threat: an answer without end fills the memory; tokens reach a place that did not give them, a log, or a client.
 *
 * Rule: the address is https, or http on this machine (account-settings.ts). Redirects are not followed. Answers have a
 * limit and a time. An error quotes the address and the beginning of the answer, never the request.
 *
 * Scope: questions about the account. Non-scope: requests to models (model/endpoint).
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { messageOf } from '../../errors/message-of.js';
import { STATUS_CODES } from 'node:http';
import type { AccountAccess, AccountGrant } from '../model/provider/credentials.js';
import type { Outbound } from '../model/endpoint/outbound.js';

export interface BackendQuestion {
  readonly method: 'GET' | 'POST';
  /** After the base, with a leading slash. */
  readonly path: string;
  /** Absent: none. */
  readonly body?: object;
  /** Other tokens of the same login (a workspace that is left). Absent: without the workspace's header. */
  readonly withoutWorkspace?: boolean;
}

export interface Backend {
  /** The answer, parsed. Throws `account.backend`, `account.ended`, `account.login`. */
  ask(question: BackendQuestion): Promise<unknown>;
}

export interface BackendOptions {
  readonly outbound: () => Outbound;
  readonly access: Pick<AccountAccess, 'current' | 'after'>;
  /** Without a slash at its end. Throws `account.login`. */
  readonly base: () => string;
  readonly userAgent: string;
}

/** For all of a question, in milliseconds. */
const QUESTION_MS = 15_000;
const MAX_ANSWER = 1024 * 1024;
/** Of an answer that is an error, in characters. */
const MAX_QUOTED = 300;
/** Of it, in which tokens are looked for, in characters: a token that is cut is still one. */
const MOST_SHOWN = 64 * 1024;

export function createBackend({ outbound, access, base, userAgent }: BackendOptions): Backend {
  async function once(question: BackendQuestion, grant: AccountGrant, signal: AbortSignal) {
    const { method, path, body, withoutWorkspace = false } = question;
    const url = new URL(`${base()}${path}`);
    const answer = await outbound().send({
      method,
      url,
      headers: {
        accept: '*/*',
        'user-agent': userAgent,
        authorization: `Bearer ${grant.accessToken}`,
        ...(grant.accountId === null || withoutWorkspace ? {} : { 'chatgpt-account-id': grant.accountId }),
        ...(method === 'GET' ? { 'cache-control': 'no-store' } : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
      headTimeoutMs: QUESTION_MS,
      fresh: true,
    });
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MAX_ANSWER) {
        answer.body.destroy();
        throw failed(`${method} ${url.href} failed: its answer is larger than ${MAX_ANSWER} bytes`);
      }
      parts.push(part);
    }
    const type = answer.headers['content-type'] ?? '';
    // A service may say the token again in an error.
    const text = Buffer.concat(parts).toString();
    const shown = text.slice(0, MOST_SHOWN).replaceAll(grant.accessToken, '[REDACTED]').slice(0, MAX_QUOTED);
    return { status: answer.status, type, text, shown, url };
  }

  return {
    async ask(question) {
      const signal = AbortSignal.timeout(QUESTION_MS);
      const grant = await access.current(signal);
      if (grant === null) throw failed('nobody is logged in with an account');
      let answer = await asked(question, () => once(question, grant, signal));
      if (answer.status === 401) {
        const next = await access.after(grant, signal);
        if (next !== null) answer = await asked(question, () => once(question, next, signal));
      }
      const { status, type, text, shown, url } = answer;
      if (status >= 300) {
        const said = `${type === '' ? '' : `; content-type=${type}`}; body=${shown}`;
        throw failed(`${question.method} ${url.href} failed: ${status} ${STATUS_CODES[status] ?? ''}${said}`, status);
      }
      if (text.trim() === '') return {};
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw failed(`${question.method} ${url.href} failed: its answer is no JSON`);
      }
    },
  };
}

async function asked<T>({ method, path }: BackendQuestion, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodexdError && error.code.startsWith('account.')) throw error;
    throw failed(`${method} ${path} failed: ${messageOf(error)}`, undefined, error);
  }
}

const failed = (message: string, status?: number, cause?: unknown): CodexdError =>
  new CodexdError('account.backend', message, { data: status === undefined ? undefined : { status }, cause });
