/** `codexd mcp login` and `logout`: what the reference prints, the tokens in the home, and the reasons of refusals. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { authorizationServer, browse } from '../../fixtures/authorization-server.js';
import { codexd, scratch, start, type Scratch } from '../../fixtures/program.js';

t.setTimeout(240_000);

const table = (url: string, more = ''): string => `[mcp_servers.lab]\nurl = "${url}"\n${more}`;
const stored = ({ home }: Scratch): string => fs.readFileSync(path.join(home, '.credentials.json'), 'utf8');

const ADDRESS = /^http\S+\/authorize\?\S+$/m;

/** Runs a command that asks for a login, and opens the address that it prints. */
async function throughBrowser(places: Scratch, args: readonly string[], change = (address: string) => address) {
  const running = start(places, args);
  const came = new Promise<void>((resolve) => running.sees(ADDRESS, resolve));
  await Promise.race([came, running.ended]);
  const address = ADDRESS.exec(running.printed())?.[0] ?? '';
  if (address !== '') await browse(change(address));
  return { ...(await running.ended), address };
}

t.test('a login, its place in the lists, and its end', async (t) => {
  const server = await authorizationServer(t);
  const places = scratch(t, table(server.url));
  t.match((await codexd(places, ['mcp', 'list'])).stdout, /enabled +Not logged in$/m);
  const { address, ...ended } = await throughBrowser(places, ['mcp', 'login', 'lab', '--scopes', 'a,b']);
  t.strictSame(ended, {
    code: 0,
    stdout: `Authorize \`lab\` by opening this URL in your browser:\n${address}\n\nSuccessfully logged in to MCP server 'lab'.\n`,
    stderr: '',
  });
  t.equal(new URL(address).searchParams.get('scope'), 'a b');
  t.match(stored(places), [...server.access][0]);
  t.match((await codexd(places, ['mcp', 'list'])).stdout, /enabled +OAuth *$/m);
  t.match((await codexd(places, ['mcp', 'list', '--json'])).stdout, '"auth_status": "o_auth"\n');
  const out = async (text: string) =>
    t.strictSame(await codexd(places, ['mcp', 'logout', 'lab']), { code: 0, stdout: text, stderr: '' });
  await out("Removed OAuth credentials for 'lab'.\n");
  await out("No OAuth credentials stored for 'lab'.\n");
  t.notMatch(stored(places), /access/);
});

t.test('a login that fails has its reason', async (t) => {
  const server = await authorizationServer(t);
  const places = scratch(t, table(server.url));
  const denied = await throughBrowser(places, ['mcp', 'login', 'lab'], (address) => {
    const { searchParams: asked } = new URL(address);
    return `${asked.get('redirect_uri')}?error=access_denied&error_description=no&state=${asked.get('state')}`;
  });
  t.match(denied, { code: 1, stderr: 'Error: OAuth provider returned `access_denied`: no\n' });
  server.metadata = { registration_endpoint: undefined };
  t.match(await codexd(places, ['mcp', 'login', 'lab']), {
    code: 1,
    stdout: '',
    stderr: /^Error: Registration failed: .*Dynamic client registration not supported\n$/,
  });
  t.notOk(fs.existsSync(path.join(places.home, '.credentials.json')));
});

t.test('the address to which the browser came back can be pasted', async (t) => {
  const server = await authorizationServer(t);
  const places = scratch(t, table(server.url));
  t.match(await codexd(places, ['mcp', 'login', 'lab', '--no-browser'], ''), {
    code: 1,
    stdout: /^Authorize the MCP server by opening this URL .*Callback URL \(input hidden\): $/s,
    stderr: 'Error: No OAuth callback URL received before input closed\n',
  });
  t.match(await codexd(places, ['mcp', 'login', 'lab', '--no-browser'], 'nonsense\nhttp://127.0.0.1/x\n'), {
    code: 1,
    stdout: /That is not the address of this login/,
  });
});

t.test('add logs in to a server that has logins', async (t) => {
  const server = await authorizationServer(t);
  const places = scratch(t, '');
  const added = await throughBrowser(places, [
    ...['mcp', 'add', 'lab', '--url', server.url, '--oauth-client-id', 'me', '--oauth-resource', 'https://r.test/'],
  ]);
  t.match(added, {
    code: 0,
    stdout:
      /^Added global MCP server 'lab'\.\nDetected OAuth support\. Starting OAuth flow…\n.*Successfully logged in\.\n$/s,
  });
  t.equal(
    fs.readFileSync(path.join(places.home, 'config.toml'), 'utf8'),
    `[mcp_servers.lab]\nurl = "${server.url}"\noauth_resource = "https://r.test/"\n\n[mcp_servers.lab.oauth]\nclient_id = "me"\n`,
  );
  t.match(stored(places), '"client_id":"me"');
  t.match(await codexd(places, ['mcp', 'add', 'gone', '--url', 'http://127.0.0.1:1/mcp']), {
    code: 0,
    stdout:
      "Added global MCP server 'gone'.\nMCP server may or may not require login. Run `codexd mcp login gone` to login.\n",
  });
});

t.test('each refusal has its reason', async (t) => {
  const places = scratch(
    t,
    '[mcp_servers.s]\ncommand = "x"\n[mcp_servers.h]\nurl = "http://127.0.0.1:1"\n[mcp_servers.f]\nurl = "ftp://h.test"\n',
  );
  for (const [args, stderr] of [
    [['mcp', 'login', 'nope'], "Error: No MCP server named 'nope' found.\n"],
    [['mcp', 'logout', 'nope'], "Error: No MCP server named 'nope' found in configuration.\n"],
    [['mcp', 'login', 's'], 'Error: OAuth login is only supported for streamable HTTP servers.\n'],
    [['mcp', 'logout', 's'], 'Error: OAuth logout is only supported for streamable_http transports.\n'],
    [['mcp', 'login', 'h'], /^Error: .*ECONNREFUSED/],
    [['mcp', 'login', 'f'], /no http or https address/],
    [['mcp', 'login', 'h', '--oauth-client-registration', 'cimd'], /no client ID metadata document/],
    [['-c', 'mcp_oauth_credentials_store="keyring"', 'mcp', 'login', 'h'], /codexd has no keyring/],
    [['-c', 'mcp_oauth_credentials_store="keyring"', 'mcp', 'logout', 'h'], /failed to delete .*no keyring/],
  ] as const) {
    t.match(await codexd(places, args), { code: 1, stdout: '', stderr }, args.join(' '));
  }
});
