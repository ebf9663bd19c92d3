/** Runs one turn from its prompt to its end. The listener receives every notification of the thread. */
import type { Client } from '../../../clients/typescript/index.js';
import type { ServerRequestAnswer, ServerRequestMethod } from '../../../schema/registry.js';
import type { ExecListener, TurnEnd } from './exec-listener.js';
import type { ExecOptions } from './exec-options.js';
import { execError } from './exec-error.js';
import type { LateInput } from './piped-input.js';
import { asInput } from './prompt.js';
import { systemSignals } from '../../system/node/signals.js';
import type { ReviewTarget } from './review-target.js';

export interface TurnWanted {
  readonly threadId: string;
  readonly prompt: string;
  /** Input that may come while the turn runs. */
  readonly late: LateInput | null;
  /** Run this review instead of a turn with the prompt. */
  readonly review: ReviewTarget | null;
  readonly options: Pick<ExecOptions, 'images' | 'outputSchema' | 'model' | 'remote' | 'json'>;
  readonly listener: ExecListener;
}

/**
 * Ctrl-C interrupts the turn. Throws `cli.exec` when the server ends, and ServerError when the server refuses the turn.
 */
export async function runTurn(client: Client, wanted: TurnWanted): Promise<TurnEnd & { interrupted: boolean }> {
  const { threadId, prompt, late, review, options, listener } = wanted;
  let usage: TurnEnd['usage'] = null;
  let lastMessage: string | null = null;
  let finish: (result: { readonly error: string | null; readonly interrupted: boolean }) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const ended = new Promise<{ readonly error: string | null; readonly interrupted: boolean }>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  ended.catch(() => undefined); // The code that waits for it handles the rejection.
  const ours = (params: { readonly threadId?: string | null | undefined }): boolean => params.threadId === threadId;
  const dispose = [
    client.onNotification('turn/started', (params) => ours(params) && listener.turnStarted()),
    client.onNotification(
      'warning',
      (params) => (params.threadId ?? threadId) === threadId && listener.warning(params.message),
    ),
    client.onNotification('configWarning', ({ summary }) => listener.warning(summary)),
    client.onNotification('error', (params) => ours(params) && listener.error(params.error.message)),
    client.onNotification('item/started', (params) => ours(params) && listener.itemStarted(params.item)),
    client.onNotification('item/completed', (params) => {
      if (!ours(params)) return;
      if (params.item.type === 'agentMessage') lastMessage = params.item.text;
      listener.itemCompleted(params.item);
    }),
    client.onNotification('turn/plan/updated', (params) => ours(params) && listener.plan(params)),
    client.onNotification('thread/tokenUsage/updated', (params) => {
      if (ours(params)) usage = params.tokenUsage.total;
    }),
    client.onNotification('turn/completed', (params) => {
      if (!ours(params)) return;
      const { status, error } = params.turn;
      const interrupted = status === 'interrupted';
      finish({ error: interrupted ? 'the turn was interrupted' : (error?.message ?? null), interrupted });
    }),
    client.onState((state) => {
      if (state.kind === 'closed') fail(execError('The server ended before the turn did.'));
    }),
    ...refuseQuestions(client, (message) =>
      // Standard output of --json contains only events of the turn.
      options.json ? process.stderr.write(`${message}\n`) : listener.warning(message),
    ),
  ];
  // Listen before the turn starts: its first event can come before the response with its id.
  let turnId: string | null = null;
  let stopping = false;
  const interrupt = (): void => {
    stopping = true;
    if (turnId !== null) client.request('turn/interrupt', { threadId, turnId }).catch(fail);
  };
  const { interrupts } = systemSignals();
  for (const signal of interrupts) process.on(signal, interrupt);
  try {
    const { turn } =
      review !== null
        ? await client.request('review/start', { threadId, target: review, delivery: 'inline' })
        : await client.request('turn/start', {
            threadId,
            input: [
              ...options.images.map((path) => ({ type: 'localImage' as const, path })),
              { type: 'text', text: prompt, text_elements: [] },
            ],
            // A thread that is already loaded ignored these parameters in thread/resume.
            ...(options.remote === null ? {} : { approvalPolicy: 'never' as const }),
            ...(options.remote === null || options.model === null ? {} : { model: options.model }),
            ...(options.outputSchema === null ? {} : { outputSchema: options.outputSchema }),
          });
    turnId = turn.id;
    if (stopping) interrupt();
    late?.passTo((text) =>
      client.request('turn/steer', {
        threadId,
        expectedTurnId: turn.id,
        input: [{ type: 'text', text: asInput(text), text_elements: [] }],
      }),
    );
    const { error, interrupted } = await ended;
    if (late?.lost) process.stderr.write(`${late.lost}\n`);
    const end: TurnEnd = { error, usage, lastMessage };
    listener.ended(end);
    return { ...end, interrupted };
  } finally {
    for (const signal of interrupts) process.off(signal, interrupt);
    for (const undo of dispose) undo();
  }
}

/** With the policy `never` no request should come. Refuse one that comes, and report it. */
function refuseQuestions(client: Client, tell: (message: string) => void): (() => void)[] {
  const refuse = <M extends ServerRequestMethod>(method: M, answer: ServerRequestAnswer<M>): (() => void) =>
    client.onRequest(method, () => {
      tell(`refused, because nobody can be asked: ${method}`);
      return answer;
    });
  return [
    refuse('item/commandExecution/requestApproval', { decision: 'decline' }),
    refuse('item/fileChange/requestApproval', { decision: 'decline' }),
    refuse('item/permissions/requestApproval', { permissions: {}, scope: 'turn' }),
    refuse('item/tool/requestUserInput', { answers: {} }),
    refuse('mcpServer/elicitation/request', { action: 'decline', content: null, _meta: null }),
  ];
}
