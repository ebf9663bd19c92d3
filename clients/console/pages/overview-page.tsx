import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Badge } from '../parts/badge.js';
import { Exact } from '../parts/exact.js';
import { Fact, Facts } from '../parts/facts.js';
import { Empty, PageHead } from '../parts/page-head.js';
import { nowMs } from '../state/clock.js';
import { useConsole } from '../state/console.js';
import type { Connection, OverviewState } from '../state/overview.js';
import { addressOf, type Page } from '../state/route.js';
import { bytes, clock, count, duration } from '../text/format.js';

/** Milliseconds between two looks while the page is open. */
const LOOK_MS = 3000;

/** Whether all is well, and what is not. */
export function OverviewPage(): JSX.Element {
  const { overview, questions } = useConsole();
  useEffect(() => {
    // A failure is shown when the connection is made; here the next look comes soon.
    const look = (): void => void overview.refresh().catch(() => {});
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const state = overview.state.value;
  if (state === null) return <PageHead title="Overview" about="Reading the state of the daemon …" />;
  return (
    <>
      <PageHead title="Overview" about={`codexd ${state.version}, up ${duration(nowMs.value - state.startedAtMs)}`} />
      <Health state={state} />
      <Counts state={state} open={questions.open.value.length} />
      <div class="panels">
        <Panel title="Daemon">
          <Facts>
            <Fact label="Listens on">
              {state.listeners.length === 0
                ? 'standard input'
                : state.listeners.map((listener) => (
                    <div key={listener}>
                      <Exact text={listener} />
                    </div>
                  ))}
            </Fact>
            <Fact label="Home">
              <Exact text={state.codexHome} />
            </Fact>
            <Fact label="Process">
              {state.pid}, Node {state.nodeVersion}, {bytes(state.rssBytes)}
            </Fact>
            <Fact label="Protocol">{state.protocolVersion}</Fact>
            <Fact label="This console">{state.may === 'answer' ? 'may look and answer' : 'may look'}</Fact>
          </Facts>
        </Panel>
        <Panel title="Requirements in force">
          {state.requirements.length === 0 ? (
            <Empty>No administrator demands anything.</Empty>
          ) : (
            <ul class="list">
              {state.requirements.map(({ source, summary }) => (
                <li key={source}>
                  <Exact text={source} />
                  <p class="faint">
                    <Exact text={summary} />
                  </p>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
      <Connections connections={overview.connections.value} />
      <Errors errors={state.recentErrors} />
    </>
  );
}

const SANDBOX = {
  ok: ['good', 'works'],
  failed: ['bad', 'does not work'],
  unchecked: ['plain', 'not checked yet'],
} as const;

const Health = ({ state: { sandbox, readiness } }: { readonly state: OverviewState }): JSX.Element => {
  const [tone, word] = SANDBOX[sandbox.state];
  return (
    <div class="health">
      <p>
        <Badge tone={tone}>Sandbox {word}</Badge> <Exact text={sandbox.summary} />
      </p>
      {sandbox.remedy !== null && <Exact block text={sandbox.remedy} />}
      <p>
        <Badge tone={readiness === null ? 'good' : 'warn'}>{readiness === null ? 'Ready' : 'Not ready'}</Badge>{' '}
        {readiness !== null && <Exact text={readiness} />}
      </p>
    </div>
  );
};

interface CountsProps {
  readonly state: OverviewState;
  /** Known at once; the counts of the state are as old as its last look. */
  readonly open: number;
}

const Counts = ({ state: { counts }, open }: CountsProps): JSX.Element => (
  <ul class="counts">
    <Number label="open questions" value={open} page="approvals" />
    <Number label="commands running" value={counts.runningCommands} page="commands" />
    <Number label="turns running" value={counts.activeTurns} page="threads" />
    <Number label="threads loaded" value={counts.loadedThreads} page="threads" />
    <Number label="requests denied" value={counts.decisionsDenied} page="network" />
    <Number label="requests allowed" value={counts.decisionsAllowed} page="network" />
    <Number label="turns failed" value={counts.turnsFailed} page="threads" />
    <Number label="turns completed" value={counts.turnsCompleted} page="threads" />
    <Number label="commands started" value={counts.commandsStarted} page="commands" />
  </ul>
);

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly page: Page;
}

const Number = ({ label, value, page }: NumberProps): JSX.Element => (
  <li>
    <a href={addressOf(page)}>
      <strong>{count(value)}</strong> {label}
    </a>
  </li>
);

const Panel = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element => (
  <section class="panel">
    <h2>{title}</h2>
    {children}
  </section>
);

const Connections = ({ connections }: { readonly connections: readonly Connection[] }): JSX.Element => (
  <Panel title={`${connections.length} ${connections.length === 1 ? 'connection' : 'connections'}`}>
    <ul class="list">
      {connections.map((connection) => (
        <li key={connection.connectionId} class="line">
          <span class="faint number">{connection.connectionId}</span>
          <Exact text={connection.clientName ?? 'not introduced yet'} />
          <span class="faint">
            {connection.clientVersion ?? ''} {connection.transport} {connection.peer ?? ''}
          </span>
          {connection.operator && <Badge tone="plain">operator</Badge>}
          {connection.subscribedThreads > 0 && (
            <span class="faint">
              {connection.subscribedThreads === 1 ? '1 thread' : `${connection.subscribedThreads} threads`}
            </span>
          )}
          <time>{clock(connection.connectedAtMs)}</time>
        </li>
      ))}
    </ul>
  </Panel>
);

const Errors = ({ errors }: { readonly errors: OverviewState['recentErrors'] }): JSX.Element => (
  <Panel title="Warnings and errors of the log">
    {errors.length === 0 ? (
      <Empty>None since the daemon started.</Empty>
    ) : (
      <ul class="list">
        {errors.toReversed().map(({ atMs, level, message }, index) => (
          <li key={index} class="line">
            <time>{clock(atMs)}</time>
            <Badge tone={level === 'error' ? 'bad' : 'warn'}>{level}</Badge>
            <Exact text={message} />
          </li>
        ))}
      </ul>
    )}
  </Panel>
);
