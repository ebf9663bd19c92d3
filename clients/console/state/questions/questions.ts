/** Every open question of the daemon, and the ones that were settled lately with who answered. */
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type {
  NotificationParams,
  ServerRequestAnswer,
  ServerRequestMethod,
  ServerRequestParams,
} from '../../../../schema/registry.js';
import type { ServerRequestContext } from '../../../typescript/browser.js';
import { createPatchItems, DIRECT } from './patch-items.js';
import type { Prompt } from './prompt.js';
import type { Server } from '../../connection/server.js';

type Settled = NotificationParams<'operator/prompts/settled'>;

export interface Question extends Prompt {
  /** Sends the answer. False: the question was settled before. */
  readonly answer: (result: unknown) => Promise<boolean>;
}

export interface SettledQuestion {
  readonly question: Question;
  readonly atMs: number;
  readonly outcome: Settled['outcome'];
  /** Null: nobody answered. */
  readonly by: Settled['by'];
  /** This page answered. */
  readonly mine: boolean;
}

export interface Questions {
  readonly open: ReadonlySignal<readonly Question[]>;
  /** Newest first. */
  readonly settled: ReadonlySignal<readonly SettledQuestion[]>;
  /** The new connection knows nothing: lists again. */
  refresh(): Promise<void>;
}

/** How many settled questions are kept to look at. */
const KEPT = 30;

/**
 * Questions come in two ways: as prompts of an operator, and as requests to a subscriber of a thread. A question that
 * comes in both ways is one: `mayAnswer` is false where the operator only sees, and the subscriber answers then.
 */
export function createQuestions(server: Server, now: () => number = Date.now): Questions {
  const prompts = signal<readonly Prompt[]>([]);
  const direct = signal<readonly Question[]>([]);
  const open = signal<readonly Question[]>([]);
  const settled = signal<readonly SettledQuestion[]>([]);
  const answered = new Set<string>();
  const patches = createPatchItems(server, () => merge());

  const merge = (): void => {
    const asPrompts = prompts.value.map((prompt) => {
      const own = direct.value.find((question) => sameQuestion(question, prompt));
      return prompt.mayAnswer || own === undefined
        ? { ...prompt, answer: (result: unknown) => answerPrompt(prompt.promptId, result) }
        : { ...prompt, mayAnswer: true, answer: own.answer };
    });
    const others = direct.value.filter((question) => !prompts.value.some((prompt) => sameQuestion(question, prompt)));
    open.value = [...asPrompts, ...others].map(patches.withItem).sort((a, b) => a.openedAtMs - b.openedAtMs);
  };

  const answerPrompt = async (promptId: string, result: unknown): Promise<boolean> => {
    answered.add(promptId);
    try {
      const reply = await server.request('operator/prompts/answer', { promptId, result });
      if (!reply.settled) answered.delete(promptId);
      return reply.settled;
    } catch (error) {
      answered.delete(promptId);
      throw error;
    }
  };

  const settle = (question: Question | undefined, outcome: Settled['outcome'], by: Settled['by']): void => {
    if (question === undefined) return;
    const mine = answered.delete(question.promptId);
    settled.value = [{ question, atMs: now(), outcome, by, mine }, ...settled.value].slice(0, KEPT);
  };

  server.onNotification('operator/prompts/opened', ({ prompt }) => {
    prompts.value = [...prompts.value.filter(({ promptId }) => promptId !== prompt.promptId), prompt];
    merge();
  });
  server.onNotification('operator/prompts/settled', ({ promptId, by, outcome }) => {
    batch(() => {
      settle(
        open.value.find((question) => question.promptId === promptId),
        outcome,
        by,
      );
      prompts.value = prompts.value.filter((prompt) => prompt.promptId !== promptId);
      merge();
    });
  });

  for (const method of ASKED) listen(method);

  function listen<M extends Asked>(method: M): void {
    server.onRequest(
      method,
      (params, context) =>
        // The answer was made for this method (question-view.ts), and the server checks it.
        ask(method, params as unknown as AskedParams, context) as Promise<ServerRequestAnswer<M>>,
    );
  }

  function ask(method: Asked, params: AskedParams, { id, signal: over }: ServerRequestContext): Promise<unknown> {
    const promptId = `${DIRECT}${id}`;
    return new Promise((resolve) => {
      const question: Question = {
        promptId,
        openedAtMs: 'startedAtMs' in params ? params.startedAtMs : now(),
        owner: {
          kind: 'thread',
          threadId: params.threadId,
          turnId: params.turnId,
          itemId: 'itemId' in params ? params.itemId : null,
          mcpServer: 'serverName' in params ? params.serverName : null,
        },
        method,
        params,
        item: null,
        mayAnswer: true,
        answer: (result) => {
          answered.add(promptId);
          resolve(result);
          gone('answered');
          return Promise.resolve(true);
        },
      };
      const gone = (outcome: Settled['outcome']): void => {
        if (!direct.value.includes(question)) return;
        batch(() => {
          // Where the same question is a prompt of an operator, `operator/prompts/settled` says who answered.
          const alone = open.value.find((other) => other.promptId === promptId);
          direct.value = direct.value.filter((other) => other !== question);
          settle(alone, outcome, null);
          merge();
        });
      };
      over.addEventListener('abort', () => {
        gone('withdrawn');
        resolve(undefined);
      });
      direct.value = [...direct.value, question];
      merge();
    });
  }

  return {
    open,
    settled,
    async refresh() {
      // Where it is refused, the questions of the own threads are still shown.
      prompts.value = (await server.request('operator/prompts/list', {})).data;
      merge();
    },
  };
}

/** The requests that a person can answer. */
const ASKED = [
  'item/commandExecution/requestApproval',
  'item/fileChange/requestApproval',
  'item/permissions/requestApproval',
  'item/tool/requestUserInput',
  'mcpServer/elicitation/request',
] as const satisfies readonly ServerRequestMethod[];
type Asked = (typeof ASKED)[number];
type AskedParams = ServerRequestParams<Asked>;

const sameQuestion = (question: Question, prompt: Prompt): boolean =>
  question.method === prompt.method && JSON.stringify(question.params) === JSON.stringify(prompt.params);
