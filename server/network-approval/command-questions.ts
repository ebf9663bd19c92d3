/** The open prompts about one command's requests: one for each target, however many requests wait for it. */
import { describe } from '../errors/describe.js';
import type { Logger } from '../log/log.js';
import type { AccessRequest, Answer } from './decide/decide.js';
import type { CommandOwner } from './registration/denial.js';
import type { Prompter } from './registration/prompter.js';
import type { RegisterOptions } from './registration/registration.js';
import type { Work } from './registration/work.js';

/** A request that no rule allows, or that is under review, of a command that may cause prompts. */
export interface Question {
  readonly registrationId: string;
  readonly owner: CommandOwner;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The recipient of the prompt; null: nobody. */
  readonly prompter: Prompter | null;
  readonly request: AccessRequest;
}

/**
 * Prompts a person or a reviewer. `signal` aborts when the command has ended or is ending, because the answer then no
 * longer matters. Resolves with null when nobody can be asked. Never runs twice at once for one command, protocol, host
 * and port.
 */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface CommandQuestionsOptions {
  readonly registrationId: string;
  readonly request: Pick<RegisterOptions, 'owner' | 'argv' | 'cwd' | 'prompter'>;
  /** Absent: nobody is asked, so requests that need a prompt are refused. */
  readonly ask: Ask | undefined;
  /** Aborted when the command has ended or is ending: its prompts are withdrawn. */
  readonly unwanted: AbortSignal;
  readonly log: Pick<Logger, 'warn'>;
}

export class CommandQuestions {
  readonly #o: CommandQuestionsOptions;
  readonly #open = new Map<string, Promise<Answer>>();
  readonly #watchers = new Set<(open: boolean) => void>();

  constructor(options: CommandQuestionsOptions) {
    this.#o = options;
  }

  /** The number of open prompts. */
  get size(): number {
    return this.#open.size;
  }

  /** Registration.watchPrompts. */
  watch(watcher: (open: boolean) => void): () => void {
    this.#watchers.add(watcher);
    if (this.#open.size > 0) watcher(true);
    return () => void this.#watchers.delete(watcher);
  }

  /** Whether a prompt would have a recipient. */
  mayAsk(work: Work | null): boolean {
    const { ask, unwanted, request } = this.#o;
    const { prompter = null } = work ?? request;
    return ask !== undefined && prompter !== null && !unwanted.aborted && work?.over.aborted !== true;
  }

  /** One prompt for each target, shared by all requests that wait for it (docs/protocol/network.md §4.5). */
  ask(request: AccessRequest, work: Work | null): Promise<Answer> {
    const { ask, unwanted, registrationId, log } = this.#o;
    if (ask === undefined || unwanted.aborted || work?.over.aborted === true) return Promise.resolve(null);
    const key = `${work?.id ?? ''} ${request.protocol} ${request.target.host.text} ${request.target.port}`;
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    const { argv, cwd } = this.#o.request;
    const { owner, prompter = null } = work ?? this.#o.request;
    const question = { registrationId, owner, argv, cwd, prompter, request };
    const answer = ask(question, work === null ? unwanted : AbortSignal.any([unwanted, work.over]))
      .catch((error: unknown) => {
        // The prompt failed, so no permission was given.
        log.warn(...describe('nobody could be asked about a network request', error, { registration: registrationId }));
        return { allow: false, sentence: 'approval request failed' } as const;
      })
      .finally(() => {
        this.#open.delete(key);
        if (this.#open.size === 0) this.#report(false);
      });
    this.#open.set(key, answer);
    if (this.#open.size === 1) this.#report(true);
    return answer;
  }

  #report(open: boolean): void {
    for (const watcher of this.#watchers) watcher(open);
  }
}
