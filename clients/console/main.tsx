/** Starts the console: the session first, then the connection, then the page. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.js';
import { createConsole, type Console } from './state/console.js';
import { openLink, type Link } from './connection/link.js';
import { createProtocolLog } from './state/protocol-log.js';
import { addressOf, readRoute, route } from './state/route.js';
import { checkSession, openSession, type Browser } from './connection/session.js';
import { readTheme, schemeOf, theme } from './state/theme.js';

declare const CODEXD_VERSION: string;

const fetchHere: Browser['fetch'] = (path, init) => fetch(path, { ...init, credentials: 'same-origin' });
const found = signal<Console | null>(null);
const link = signal<Link | null>(null);
const refused = signal<string | null>(null);

const Root = () => {
  const state = refused.value === null ? (link.value?.state.value ?? { kind: 'connecting' as const }) : null;
  return (
    <App console={found.value} link={state ?? { kind: 'refused', reason: refused.value ?? '' }} onToken={signIn} />
  );
};

theme.value = readTheme(localStorage.getItem('theme'));
effect(() => {
  localStorage.setItem('theme', theme.value);
  document.documentElement.style.colorScheme = schemeOf(theme.value);
});

const session = openSession({ location, history, fetch: fetchHere });
const follow = (): void => {
  route.value = readRoute(location.hash);
};
addEventListener('hashchange', follow);
follow();
render(<Root />, document.getElementById('console') ?? document.body);

void session.then(
  (opened) => {
    if (opened.kind === 'refused') {
      refused.value = opened.reason;
      return;
    }
    if (location.hash === '') history.replaceState(null, '', addressOf('overview'));
    connect();
  },
  (error: Error) => (refused.value = `The daemon does not answer: ${error.message}`),
);

/** The page starts again with the token in its address, as with a link. */
function signIn(token: string): void {
  history.replaceState(null, '', `#${token}`);
  location.reload();
}

function connect(): void {
  const log = createProtocolLog();
  link.value = openLink({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/console/socket`,
    version: CODEXD_VERSION,
    onMessage: log.add,
    checkSession: () => checkSession(fetchHere),
    onConnected: (client) => {
      found.value ??= createConsole(client, log);
      void found.value.refresh();
    },
  });
  link.value.client.catch(() => {
    // The state of the link says why.
  });
}
