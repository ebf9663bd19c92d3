import type { JSX } from 'preact';
import { Badge } from '../../parts/badge.js';
import { Exact } from '../../parts/exact.js';
import { Fact, Facts } from '../../parts/facts.js';
import { Owner } from '../../parts/owner.js';
import { useConsole } from '../../state/console.js';
import type { Command } from '../../state/commands.js';
import { because } from '../../state/decision-filter.js';
import type { Decision } from '../../state/decisions.js';
import { addressOf } from '../../state/route.js';
import { clock, duration } from '../../text/format.js';
import { Explanation } from './explanation.js';

/** One decision: who asked, what decided, and what would have to change for another verdict. */
export function DecisionDetail({
  decision,
  onClose,
}: {
  readonly decision: Decision;
  readonly onClose: () => void;
}): JSX.Element {
  const command = useConsole().commands.all.value.find(({ commandId }) => commandId === decision.registrationId);
  const { host, port, protocol, method, verdict, threadId, connectionId, answeredBy } = decision;
  return (
    <aside class="detail" aria-label="The chosen decision">
      <header>
        <h2>
          <Badge tone={verdict === 'allow' ? 'good' : 'bad'}>{verdict}</Badge> <Exact text={`${host}:${port}`} />
        </h2>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      <Facts>
        <Fact label="Because">
          <Exact text={because(decision)} />
        </Fact>
        <Fact label="Request">
          {protocol}
          {method !== null && <> {method}</>} at {clock(decision.decidedAtMs)}, decided after{' '}
          {duration(decision.latencyMs)}
        </Fact>
        {answeredBy && (
          <Fact label="Answered by">
            <Exact text={answeredBy.clientName ?? 'a client'} />, connection {answeredBy.connectionId}
          </Fact>
        )}
        {decision.address !== null && <Fact label="Address">{decision.address}</Fact>}
        {decision.detail !== null && (
          <Fact label="Detail">
            <Exact text={decision.detail} />
          </Fact>
        )}
        <Fact label="Command">
          <a href={addressOf('commands', decision.registrationId)}>
            <Exact text={decision.program ?? decision.registrationId} />
          </a>
        </Fact>
        <Fact label="Owner">
          {threadId !== null ? (
            <Owner owner={{ kind: 'thread', threadId, turnId: null, itemId: null, mcpServer: decision.mcpServer }} />
          ) : (
            <>connection {connectionId ?? 'unknown'}</>
          )}
        </Fact>
      </Facts>
      <h3>What the policy says now</h3>
      <Explanation question={{ host, port, protocol, method, threadId, ...settingsOf(command) }} decision={decision} />
    </aside>
  );
}

/** A command of a connection has a folder and a profile of its own; those of a thread are the thread's. */
const settingsOf = (command: Command | undefined): { readonly cwd?: string; readonly profile?: string } =>
  command?.owner.kind !== 'connection'
    ? {}
    : { cwd: command.cwd, ...(command.profile === null ? {} : { profile: command.profile }) };
