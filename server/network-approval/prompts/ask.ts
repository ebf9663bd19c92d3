/**
 * Prompts for targets that no rule allows, and applies the answer (docs/protocol/network.md §4).
 *
 * Threat: an answer has more effect than it states: it opens another host, an approval outlives its session or serves
 * another one, or an answer counts that is late or was never offered.
 * Rule: only an answer that was offered for this target has an effect; a refusal needs no offer. An answer that is
 * invalid, an error, or impossible to apply counts as a refusal. After the command's end, answers have no effect.
 * Non-scope: the recipient of prompts (Prompter); one prompt for all requests to a target (approval-service.ts); the
 * address, which is resolved and judged after the answer (decide.ts).
 */
import { describe } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import type { RuleBook } from '../../config/rules/rule-book.js';
import type { Logger } from '../../log/log.js';
import type { Ask, Question } from '../command-questions.js';
import type { Answer } from '../decide/decide.js';
import { isAboutHost, isOffered, promptReason } from './offers.js';
import type { Decision, Prompt, Prompter, Reply } from '../registration/prompter.js';

export interface AskOptions {
  /** Writes amendments and reads them again. */
  readonly rules: Pick<RuleBook, 'appendNetworkRule'>;
  readonly log: Logger;
}

/** The text of a person's refusal (docs/protocol/network.md §4.4). */
const REJECTED = 'rejected by user';
/** The text for an unusable answer. */
const FAILED = 'approval request failed';

const YES: Answer = { allow: true };
const no = (sentence: string | null): Answer => ({ allow: false, sentence });

export function createAsk(options: AskOptions): Ask {
  return async (question, signal) => {
    const { prompter } = question;
    if (prompter === null) return null;
    const prompt = promptOf(question);
    if (prompter.memory.approved(prompt)) return YES;
    const offered = prompter.offers(prompt);
    let reply: Reply;
    try {
      reply = await prompter.ask(prompt, offered, signal);
    } catch (error) {
      if (signal.aborted) return null;
      options.log.warn(
        ...describe('a network prompt was not answered', error, { registration: prompt.registrationId }),
      );
      return no(FAILED);
    }
    if (reply === null || signal.aborted) return null;
    if (typeof reply === 'object' && 'refused' in reply) return no(reply.refused);
    const { decision, by } = typeof reply === 'object' && 'decision' in reply ? reply : { decision: reply, by: null };
    const answer = await apply(decision, { prompt, prompter, offered, ...options });
    return answer === null || by === null ? answer : { ...answer, by };
  };
}

function promptOf({ registrationId, owner, argv, cwd, request }: Question): Prompt {
  const { protocol, target } = request;
  const host = target.host.text;
  const where = { protocol, host, port: target.port };
  return { registrationId, owner, argv, cwd, ...where, reason: promptReason(host), startedAtMs: Date.now() };
}

interface PromptContext extends AskOptions {
  readonly prompt: Prompt;
  readonly prompter: Prompter;
  readonly offered: readonly Decision[];
}

async function apply(decision: Decision, context: PromptContext): Promise<Answer> {
  const { prompt, prompter, offered, log } = context;
  if (!isOffered(decision, prompt, offered)) {
    log.warn('a network prompt was answered with a decision that was not offered', {
      decision: JSON.stringify(decision),
      registration: prompt.registrationId,
    });
    return no(FAILED);
  }
  if (typeof decision === 'object') {
    return 'applyNetworkPolicyAmendment' in decision
      ? amend(decision.applyNetworkPolicyAmendment.network_policy_amendment, context)
      : no(FAILED);
  }
  switch (decision) {
    case 'accept':
      return YES;
    case 'acceptForSession':
      prompter.memory.approve(prompt);
      return YES;
    case 'decline':
      return no(REJECTED);
    case 'cancel':
      return { allow: false, sentence: REJECTED, endsCommand: true };
  }
}

/** Writes the rule to the file. It applies at once, also to running commands. */
async function amend(
  { host, action }: { readonly host: string; readonly action: 'allow' | 'deny' },
  { prompt, prompter, rules }: PromptContext,
): Promise<Answer> {
  const failed = (why: string): void => prompter.warn?.(prompt, `Failed to apply network policy amendment: ${why}`);
  if (!isAboutHost(host, prompt)) {
    failed(`network policy amendment host '${host}' does not match approved host '${prompt.host}'`);
    return no(null);
  }
  const answer = action === 'allow' ? YES : no(REJECTED);
  try {
    await rules.appendNetworkRule(prompt.host, prompt.protocol, action);
  } catch (error) {
    failed(messageOf(error));
    return action === 'allow' ? no(null) : answer;
  }
  prompter.amended?.(prompt, action);
  return answer;
}
