/**
 * The open questions of the server, in their order. The form of the chat shows the first one.
 *
 * Threat: an answer that nobody gave. Rule: a question ends by one choice of the person, by `refuseAll`, or because the
 * server no longer needs the answer; nothing else settles it.
 */
import type { Client, Dispose } from '../../typescript/index.js';
import type { ServerRequestAnswer, ServerRequestMethod, ServerRequestParams } from '../../../schema/registry.js';
import type { Signal } from '../../typescript/platform.js';
import { commandQuestion, networkQuestion, patchQuestion, permissionQuestion } from './approvals.js';
import { inputQuestion, serverQuestion } from './forms.js';
import type { Choice, Fact, Field, FieldValue, Question } from './question.js';

/** A question without the type of its answer. */
export interface OpenQuestion {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly itemId: string | null;
  readonly choices: readonly Omit<Choice<unknown>, 'answer'>[];
  readonly fields: readonly Field[];
  /** Settles the question. A key that is no choice throws; a settled question stays settled. */
  choose(key: string, values?: Readonly<Record<string, FieldValue>>): void;
}

export interface DeskListener {
  /** The first open question; null: there is none. */
  questionChanged(first: OpenQuestion | null): void;
  /** Another client answered, or the answer is no longer needed. */
  questionWithdrawn(question: OpenQuestion): void;
  /** A question that the chat cannot ask was declined. */
  questionDeclined(text: string): void;
}

export interface QuestionDesk {
  readonly first: OpenQuestion | null;
  /** Nobody can answer any more: each open question and all later ones get their refusal. */
  refuseAll(): void;
  stop(): void;
}

/** Answers all requests of the server that a person can answer. */
export function openDesk(client: Client, listener: DeskListener): QuestionDesk {
  const open: OpenQuestion[] = [];
  let refuses = false;
  const changed = (): void => listener.questionChanged(open[0] ?? null);
  const leave = (question: OpenQuestion): boolean => {
    const at = open.indexOf(question);
    if (at < 0) return false;
    open.splice(at, 1);
    return true;
  };
  const ask = <A>(question: Question<A>, signal: Signal): Promise<A> =>
    new Promise<A>((resolve, reject) => {
      const { title, facts, itemId, choices, fields } = question;
      const entry: OpenQuestion = {
        title,
        facts,
        itemId,
        choices,
        fields,
        choose(key, values = {}) {
          const choice = choices.find((one) => one.key === key);
          if (choice === undefined) throw new Error(`the question has no choice ${key}`);
          if (!leave(entry)) return;
          resolve(choice.answer(values));
          changed();
        },
      };
      signal.addEventListener('abort', () => {
        if (!leave(entry)) return;
        // The client sends nothing for a request that the server has settled.
        reject(signal.reason as Error);
        listener.questionWithdrawn(entry);
        changed();
      });
      open.push(entry);
      if (refuses) refuse(entry);
      else if (open.length === 1) changed();
    });
  const answer = <M extends ServerRequestMethod>(
    method: M,
    build: (params: ServerRequestParams<M>) => Question<ServerRequestAnswer<M>>,
  ): Dispose => client.onRequest(method, (params, { signal }) => ask(build(params), signal));
  const dispose = [
    answer('item/commandExecution/requestApproval', commandQuestion),
    answer('item/fileChange/requestApproval', patchQuestion),
    answer('item/permissions/requestApproval', permissionQuestion),
    answer('network/requestApproval', networkQuestion),
    answer('item/tool/requestUserInput', inputQuestion),
    client.onRequest('mcpServer/elicitation/request', (params, { signal }) => {
      const question = serverQuestion(params);
      if (question !== null) return ask(question, signal);
      listener.questionDeclined(`declined: the MCP server ${params.serverName} asked in a form that chat cannot show`);
      return { action: 'decline', content: null, _meta: null };
    }),
  ];
  return {
    get first() {
      return open[0] ?? null;
    },
    refuseAll() {
      refuses = true;
      for (const question of [...open]) refuse(question);
    },
    stop: () => dispose.forEach((undo) => undo()),
  };
}

function refuse(question: OpenQuestion): void {
  const least = question.choices.find(({ refuses }) => refuses) ?? question.choices.at(-1);
  if (least !== undefined) question.choose(least.key);
}
