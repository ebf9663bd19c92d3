import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Exact } from '../../parts/exact.js';
import { quoted } from '../../state/configuration.js';
import { useConsole } from '../../state/console.js';
import type { QuestionView, Rule } from '../../state/questions/question-parts.js';
import type { Question } from '../../state/questions/questions.js';

interface RuleStepProps {
  readonly rule: Rule;
  readonly question: Question;
  readonly target: QuestionView['target'];
  readonly disabled: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

/** Shows the line that the answer will write. Only then it is written. */
export function RuleStep({ rule, question, target, disabled, onConfirm, onCancel }: RuleStepProps): JSX.Element {
  const { text, failure } = useRuleText(rule, question, target);
  return (
    <div class="rule-step">
      <p>
        {rule.kind === 'tool'
          ? 'This will be written to your config.toml. The tool is called without a question from then on, in this session and in all later ones.'
          : 'This line will be written to the rules file. It counts for every command, at once and after a restart.'}
      </p>
      {failure === null ? <Exact block text={text ?? '…'} /> : <p class="reason">{failure}</p>}
      <footer class="choices">
        <button type="button" class="choice choice-allow" disabled={disabled || text === null} onClick={onConfirm}>
          Write the rule
        </button>
        <button type="button" class="choice choice-plain" ref={(button) => button?.focus()} onClick={onCancel}>
          Back
        </button>
      </footer>
    </div>
  );
}

interface RuleText {
  /** Null: not known yet, or not at all. */
  readonly text: string | null;
  readonly failure: string | null;
}

/** The words of the server, which writes the line; a command's rule is made of the answer itself. */
function useRuleText(rule: Rule, { owner }: Question, target: QuestionView['target']): RuleText {
  const { server } = useConsole();
  const text = useSignal<string | null>(rule.kind === 'network' ? null : ruleTextOf(rule));
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    if (rule.kind !== 'network') return;
    const protocol = protocolOf(target?.protocol);
    const params = {
      host: rule.host,
      port: target?.port ?? PORTS[protocol],
      protocol,
      threadId: owner.kind === 'thread' ? owner.threadId : null,
    };
    server.request('network/policy/test', params).then(
      ({ ruleText }) => (text.value = ruleText[rule.action]),
      (error: Error) =>
        (failure.value = `The server does not show the line, so it cannot be written here: ${error.message}`),
    );
  }, [rule]);
  return { text: text.value, failure: failure.value };
}

function ruleTextOf(rule: Exclude<Rule, { kind: 'network' }>): string {
  if (rule.kind === 'command') return `prefix_rule(pattern=${JSON.stringify(rule.prefix)}, decision="allow")`;
  const table = ['mcp_servers', rule.server, 'tools', rule.tool].map(quoted).join('.');
  return `[${table}]\napproval_mode = "approve"`;
}

const PORTS = { http: 80, https: 443, socks5Tcp: 443, socks5Udp: 443 } as const;
const protocolOf = (text: string | undefined): keyof typeof PORTS =>
  text === 'http' || text === 'socks5Tcp' || text === 'socks5Udp' ? text : 'https';
