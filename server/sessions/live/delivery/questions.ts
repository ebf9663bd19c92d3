/**
 * Questions of a thread to its clients (docs/protocol/threads.md §6, §11; docs/protocol/transport.md §10).
 *
 * Threat: a client that answers for another. Rule: an answer counts only if the question was sent to that connection
 * and it is still subscribed, or if an operator gives it (rpc/connection/open-questions.ts). The first answer that
 * counts is the result. A client that does not support the method
 * (-32601) has not answered as long as another client may.
 */
import { RpcCode } from '../../../errors/codes.js';
import type { ServerRequestMethod, ServerRequestParams, ServerRequestResult } from '../../../../schema/registry.js';
import type { Caller } from '../../../rpc/connection/caller.js';
import { internalError, RpcError } from '../../../errors/rpc-error.js';
import {
  answererOf,
  isForPeople,
  noteAnswerer,
  type Answerer,
  type OpenQuestions,
  type QuestionOwner,
} from '../../../rpc/connection/open-questions.js';
import { isObject } from '../../../system/node/objects.js';

export interface Questions {
  /** See ThreadEvents.ask. */
  ask<M extends ServerRequestMethod>(
    method: M,
    params: ServerRequestParams<M>,
    signal: AbortSignal,
  ): Promise<ServerRequestResult<M>>;
  /** A client has subscribed: sends it all open questions. */
  joined(caller: Caller): void;
  /** A client has unsubscribed: its answers no longer count. */
  left(caller: Caller): void;
  /** No further answers are possible. */
  close(): void;
  readonly open: number;
}

export interface QuestionsOptions {
  readonly nextRequestId: () => number;
  /** The subscribers, in the order of their subscription. */
  readonly audience: () => Iterable<Caller>;
  /** Sends a question in the order of the client's other messages. */
  readonly send: (caller: Caller, ask: () => void) => void;
  readonly threadId: string;
  /** The questions of the whole daemon; absent: operators do not see those of this thread. */
  readonly everyones?: OpenQuestions | undefined;
  /** Notifies all subscribers, or only these, that the question is settled. */
  readonly notifyResolved: (requestId: number, only: readonly Caller[] | null) => void;
}

export function createQuestions(options: QuestionsOptions): Questions {
  const open = new Set<Question>();

  /** `by`: whom not to notify. `answerer` null: it was not an answer. */
  const settle = (
    question: Question,
    by: Caller | null,
    finish: () => void,
    answerer: Answerer | null = null,
  ): void => {
    if (!open.delete(question)) return;
    question.signal.removeEventListener('abort', question.withdraw);
    const others = [...question.asked.keys()].filter((caller) => caller !== by);
    for (const [caller, controller] of question.asked) if (caller !== by) controller.abort();
    question.asked.clear();
    if (!UNRESOLVED.has(question.method)) options.notifyResolved(question.id, null);
    else if (others.length) options.notifyResolved(question.id, others);
    question.settled(answerer);
    finish();
  };

  const failed = (question: Question, caller: Caller, error: unknown): void => {
    if (error instanceof RpcError && error.rpcCode === RpcCode.notSupported && question.asked.size > 1) {
      question.asked.delete(caller);
      return;
    }
    settle(question, caller, () => question.reject(error));
  };

  const put = (question: Question, caller: Caller): void => {
    const controller = new AbortController();
    question.asked.set(caller, controller);
    options.send(caller, () => {
      // While the question waited for its place, it may have been settled, or the client may have gone.
      const counts = (): boolean => open.has(question) && question.asked.get(caller) === controller;
      if (!counts()) return;
      caller.request(question.method, question.params as never, { id: question.id, signal: controller.signal }).then(
        (answer) => {
          const by = answererOf(caller);
          if (counts()) settle(question, caller, () => question.resolve(noteAnswerer(answer, by)), by);
        },
        (error: unknown) => counts() && failed(question, caller, error),
      );
    });
  };

  const show = (question: Question): Question['settled'] => {
    const { method, params } = question;
    const answer = (result: unknown, by: Answerer): void =>
      settle(question, null, () => question.resolve(noteAnswerer(result, by)), by);
    const owner = ownerOf(options.threadId, params);
    return options.everyones?.open({ owner, method, params }, answer) ?? (() => {});
  };

  return {
    ask: <M extends ServerRequestMethod>(method: M, params: ServerRequestParams<M>, signal: AbortSignal) =>
      new Promise<ServerRequestResult<M>>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const question: Question = {
          id: options.nextRequestId(),
          method,
          params,
          signal,
          asked: new Map(),
          resolve: resolve as (answer: unknown) => void,
          reject,
          withdraw: () => settle(question, null, () => reject(signal.reason)),
          settled: () => {},
        };
        open.add(question);
        if (isForPeople(method)) question.settled = show(question);
        signal.addEventListener('abort', question.withdraw, { once: true });
        for (const caller of options.audience()) put(question, caller);
      }),
    joined(caller) {
      for (const question of open) if (!question.asked.has(caller)) put(question, caller);
    },
    left(caller) {
      for (const { asked } of open) {
        const controller = asked.get(caller);
        asked.delete(caller);
        controller?.abort();
      }
    },
    close() {
      for (const question of [...open])
        settle(question, null, () => question.reject(internalError(`${question.method}: the thread was closed`)));
    },
    get open() {
      return open.size;
    },
  };
}

interface Question {
  readonly id: number;
  readonly method: ServerRequestMethod;
  readonly params: unknown;
  readonly signal: AbortSignal;
  /** The clients that were asked, each with the controller that withdraws the question. */
  readonly asked: Map<Caller, AbortController>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly withdraw: () => void;
  /** Takes it out of the questions of the whole daemon. */
  settled: (by: Answerer | null) => void;
}

/** The members that questions of threads have, each in its own combination. */
function ownerOf(threadId: string, params: unknown): QuestionOwner {
  const text = (name: string): string | null => {
    const value = isObject(params) ? params[name] : null;
    return typeof value === 'string' ? value : null;
  };
  return {
    kind: 'thread',
    threadId,
    turnId: text('turnId'),
    itemId: text('commandItemId') ?? text('itemId'),
    mcpServer: text('mcpServer') ?? text('serverName'),
  };
}

/**
 * For these methods the reference sends no `serverRequest/resolved` (docs/protocol/turns.md §5), because the client
 * that answers knows the result.
 */
const UNRESOLVED: ReadonlySet<ServerRequestMethod> = new Set(['item/tool/call']);
