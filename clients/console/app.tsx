import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { announce, LiveRegion } from './parts/live-region.js';
import { Notices } from './parts/notices.js';
import { ApprovalsPage } from './pages/approvals/approvals-page.js';
import { CommandsPage } from './pages/commands/commands-page.js';
import { ConfigurationPage } from './pages/configuration-page.js';
import { NetworkPage } from './pages/network/network-page.js';
import { OverviewPage } from './pages/overview-page.js';
import { ProtocolPage } from './pages/protocol/protocol-page.js';
import { ThreadsPage } from './pages/threads/threads-page.js';
import { SignInPage } from './pages/sign-in-page.js';
import { ConsoleContext, type Console } from './state/console.js';
import type { LinkState } from './connection/link.js';
import { viewOf } from './state/questions/question-view.js';
import { addressOf, route, type Page } from './state/route.js';
import { nextTheme, theme } from './state/theme.js';

interface AppProps {
  /** Null: not connected for the first time yet. */
  readonly console: Console | null;
  readonly link: LinkState;
  readonly onToken: (token: string) => void;
}

/** The frame of the page: navigation, the state of the connection, and the page of the route. */
export function App({ console: state, link, onToken }: AppProps): JSX.Element {
  if (link.kind === 'refused') return <SignInPage reason={link.reason} onToken={onToken} />;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <div class="frame">
        <Navigation open={state?.questions.open.value.length ?? 0} link={link} />
        <main id="main" tabIndex={-1}>
          <Notices />
          {state === null ? (
            <p class="empty">Connecting …</p>
          ) : (
            <ConsoleContext.Provider value={state}>
              <QuestionWatch console={state} />
              <CurrentPage page={route.value.page} />
            </ConsoleContext.Provider>
          )}
        </main>
      </div>
      <LiveRegion />
    </>
  );
}

const TITLES: Readonly<Record<Page, string>> = {
  overview: 'Overview',
  approvals: 'Approvals',
  network: 'Network',
  commands: 'Commands',
  threads: 'Threads',
  configuration: 'Configuration',
  protocol: 'Protocol log',
};

const PAGE_VIEWS: Readonly<Record<Page, () => JSX.Element>> = {
  overview: OverviewPage,
  configuration: ConfigurationPage,
  protocol: ProtocolPage,
  approvals: ApprovalsPage,
  network: NetworkPage,
  commands: CommandsPage,
  threads: ThreadsPage,
};

function CurrentPage({ page }: { readonly page: Page }): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${TITLES[page]} · codexd`;
    frame.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [page]);
  const View = PAGE_VIEWS[page];
  return (
    <div ref={frame} class={`page page-${page}`}>
      <View />
    </div>
  );
}

/** Says new questions aloud, and counts them in the title of the window. */
function QuestionWatch({ console: { questions } }: { readonly console: Console }): null {
  const known = useRef(new Set<string>());
  useSignalEffect(() => {
    const open = questions.open.value;
    const fresh = open.filter(({ promptId }) => !known.current.has(promptId));
    known.current = new Set(open.map(({ promptId }) => promptId));
    const [first] = fresh;
    if (first) announce(`Needs an approval: ${viewOf(first).summary}${fresh.length > 1 ? ', and more' : ''}`);
    const title = document.title.replace(/^\(\d+\) /, '');
    document.title = open.length > 0 ? `(${open.length}) ${title}` : title;
  });
  return null;
}

const Navigation = ({ open, link }: { readonly open: number; readonly link: LinkState }): JSX.Element => (
  <header class="side">
    <p class="brand">codexd</p>
    <nav aria-label="Pages">
      <ul>
        {Object.entries(TITLES).map(([page, title]) => (
          <li key={page}>
            <a href={addressOf(page as Page)} aria-current={route.value.page === page ? 'page' : undefined}>
              {title}
              {page === 'approvals' && open > 0 && (
                <span class="count">
                  {open}
                  <span class="unseen"> waiting</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
    <div class="side-foot">
      <p class={`link link-${link.kind}`} role="status">
        {link.kind === 'connected' ? 'Connected' : link.kind === 'reconnecting' ? 'Reconnecting …' : 'Connecting …'}
      </p>
      <button type="button" class="quiet" onClick={() => (theme.value = nextTheme(theme.value))}>
        Theme: {theme.value}
      </button>
    </div>
  </header>
);

/** The fragment of the address is the page's, so the link moves the focus itself. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
