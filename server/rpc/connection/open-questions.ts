/**
 * The open questions of the daemon to people, of all threads and connections, and who answered them
 * (docs/protocol-extensions.md, "Operators").
 *
 * Threat: an answer of somebody who was not asked counts unseen; an answer of another shape reaches the asker.
 * Rule: the part that asks opens the question here, and says what an answer does. The first answer settles it, no
 * matter whose it is. An operator's answer is checked like a client's. Who answered is kept and logged.
 * Non-scope: who may answer (server/operator).
 */
import type { ServerRequestMethod } from '../../../schema/registry.js';
import { invalidParams } from '../../errors/rpc-error.js';
import type { Logger } from '../../log/log.js';
import { decodeServerRequestResult } from '../wire/decode.js';
import type { Caller } from './caller.js';

/** A client that answered. */
export interface Answerer {
  readonly connectionId: number;
  readonly clientName: string | null;
}

export type QuestionOwner =
  | {
      readonly kind: 'thread';
      readonly threadId: string;
      readonly turnId: string | null;
      readonly itemId: string | null;
      readonly mcpServer: string | null;
    }
  | {
      readonly kind: 'connection';
      readonly connectionId: number;
      readonly requestId: string | number;
      readonly processId: string | null;
    };

export interface OpenQuestion {
  readonly id: string;
  readonly openedAtMs: number;
  readonly owner: QuestionOwner;
  readonly method: ServerRequestMethod;
  /** As they were sent. */
  readonly params: unknown;
}

export interface QuestionWatcher {
  opened(question: OpenQuestion): void;
  /** `by` null: nobody answered. */
  settled(question: OpenQuestion, by: Answerer | null): void;
}

export interface OpenQuestions {
  /**
   * `answer` is called with an operator's answer, decoded, at most once. Returns what the asker calls when the question
   * is settled in any way.
   */
  open(
    question: Pick<OpenQuestion, 'owner' | 'method' | 'params'>,
    answer: (result: unknown, by: Answerer) => void,
  ): (by: Answerer | null) => void;
  /** The oldest first. */
  list(): readonly OpenQuestion[];
  /** False: it was settled before. Throws RpcError for a result of another shape. */
  answer(id: string, result: unknown, by: Caller): boolean;
  watch(watcher: QuestionWatcher): () => void;
}

export const answererOf = ({ connectionId, client }: Caller): Answerer => ({ connectionId, clientName: client.name });

/** Questions that are for a client's program, not for a person. */
const FOR_PROGRAMS: ReadonlySet<ServerRequestMethod> = new Set<ServerRequestMethod>([
  'item/tool/call',
  'account/chatgptAuthTokens/refresh',
  'attestation/generate',
  'currentTime/read',
]);
export const isForPeople = (method: ServerRequestMethod): boolean => !FOR_PROGRAMS.has(method);

export function createOpenQuestions(log: Pick<Logger, 'info'>): OpenQuestions {
  const open = new Map<
    string,
    { readonly question: OpenQuestion; readonly answer: (r: unknown, by: Answerer) => void }
  >();
  const watchers = new Set<QuestionWatcher>();
  let ids = 0;
  return {
    open(asked, answer) {
      const question: OpenQuestion = { ...asked, id: `${++ids}`, openedAtMs: Date.now() };
      open.set(question.id, { question, answer });
      for (const watcher of watchers) watcher.opened(question);
      return (by) => {
        if (!open.delete(question.id)) return;
        const { owner, method } = question;
        const whose = owner.kind === 'thread' ? { thread: owner.threadId } : { connection: owner.connectionId };
        if (by !== null)
          log.info('question answered', { method, ...whose, by: by.connectionId, client: by.clientName });
        for (const watcher of watchers) watcher.settled(question, by);
      };
    },
    list: () => [...open.values()].map(({ question }) => question),
    answer(id, result, caller) {
      const entry = open.get(id);
      if (entry === undefined) return false;
      const decoded = decodeServerRequestResult(entry.question.method, result);
      if (!decoded.ok) throw invalidParams(`invalid result for ${entry.question.method}: ${decoded.message}`);
      entry.answer(decoded.params, answererOf(caller));
      return true;
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

/** Who gave an answer: an object that the asker receives as it is. */
const answerers = new WeakMap<object, Answerer>();
export function noteAnswerer<T>(answer: T, by: Answerer): T {
  if (typeof answer === 'object' && answer !== null) answerers.set(answer, by);
  return answer;
}
export const answererOfAnswer = (answer: object): Answerer | null => answerers.get(answer) ?? null;
