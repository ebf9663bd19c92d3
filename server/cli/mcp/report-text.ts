/** Text and JSON about MCP servers, line by line as the reference prints them (docs/protocol/services.md §7). */
import type { AuthStatus } from '../../sessions/mcp/oauth/index.js';
import type { Texts } from '../../sessions/mcp/shape/written-server.js';
import type { Address, Program, ServerReport } from './server-report.js';

/** With what is known of logins at it. */
export interface ListedServer extends ServerReport {
  readonly auth: AuthStatus;
}

/** In the table, and in JSON. */
const AUTH: Readonly<Record<AuthStatus, readonly [text: string, json: string]>> = {
  unsupported: ['Unsupported', 'unsupported'],
  bearerToken: ['Bearer token', 'bearer_token'],
  notLoggedIn: ['Not logged in', 'not_logged_in'],
  oAuth: ['OAuth', 'o_auth'],
  unknown: ['Unknown', 'unknown'],
};

/** Programs in one table, addresses in another one. Values of environment variables are hidden. */
export function serverTables(reports: readonly ListedServer[]): string {
  const confined = reports.some(({ permissions }) => permissions !== null);
  const programs = reports.flatMap((report) =>
    report.transport.type === 'stdio'
      ? [[...row(report, report.transport), ...(confined ? [report.permissions ?? '-'] : [])]]
      : [],
  );
  const addresses = reports.flatMap((report) =>
    report.transport.type === 'stdio'
      ? []
      : [[report.name, report.transport.url, report.transport.bearer_token_env_var ?? '-', ...ending(report)]],
  );
  return [
    ...(programs.length === 0
      ? []
      : [
          columns([
            ['Name', 'Command', 'Args', 'Env', 'Cwd', 'Status', 'Auth', ...(confined ? ['Permissions'] : [])],
            ...programs,
          ]),
        ]),
    ...(addresses.length === 0
      ? []
      : [columns([['Name', 'Url', 'Bearer Token Env Var', 'Status', 'Auth'], ...addresses])]),
  ].join('\n');
}

const row = (report: ListedServer, { command, args, cwd, ...variables }: Program): readonly string[] => [
  report.name,
  command,
  words(args),
  environment(variables),
  // A folder without a name is shown as no folder.
  cwd === null || cwd === '' ? '-' : cwd,
  ...ending(report),
];

const ending = ({ enabled, auth }: ListedServer): readonly string[] => [
  enabled ? 'enabled' : 'disabled',
  AUTH[auth][0],
];

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => width(cells[column] ?? ''))));
  const pad = (cell: string, column: number): string => cell + ' '.repeat((widths[column] ?? 0) - width(cell));
  return rows.map((cells) => `${cells.map(pad).join('  ')}\n`).join('');
}

/** Of a text in a terminal, in characters. */
const width = (text: string): number => [...text].length;

const words = (list: readonly string[]): string => (list.length === 0 ? '-' : list.join(' '));

/** Variables with a value, then those that are copied from the environment of the daemon. */
function environment({ env, env_vars: copied }: Pick<Program, 'env' | 'env_vars'>): string {
  const names = [
    ...Object.keys(env ?? {}),
    ...copied.map((item) => (typeof item === 'string' ? item : (item.name ?? ''))),
  ];
  return names.length === 0 ? '-' : names.map((name) => `${name}=*****`).join(', ');
}

/** The lines about one server. A server that is switched off has one line. */
export function serverText(report: ServerReport): string {
  const { name, enabled, transport, enabledTools, disabledTools, startupTimeout, toolTimeout, permissions } = report;
  if (!enabled) return `${name} (disabled)\n`;
  const lines = [
    'enabled: true',
    ...(enabledTools === null ? [] : [`enabled_tools: ${tools(enabledTools)}`]),
    ...(disabledTools === null ? [] : [`disabled_tools: ${tools(disabledTools)}`]),
    `transport: ${transport.type}`,
    ...(transport.type === 'stdio' ? programLines(transport) : addressLines(transport)),
    ...(permissions === null ? [] : [`permissions: ${permissions}`]),
    ...(startupTimeout === null ? [] : [`startup_timeout_sec: ${startupTimeout}`]),
    ...(toolTimeout === null ? [] : [`tool_timeout_sec: ${toolTimeout}`]),
    `remove: codexd mcp remove ${name}`,
  ];
  return `${name}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

const tools = (names: readonly string[]): string => (names.length === 0 ? '[]' : names.join(', '));

const programLines = ({ command, args, cwd, ...variables }: Program): readonly string[] => [
  `command: ${command}`,
  `args: ${words(args)}`,
  `cwd: ${cwd === null || cwd === '' ? '-' : cwd}`,
  `env: ${environment(variables)}`,
];

const addressLines = (address: Address): readonly string[] => [
  `url: ${address.url}`,
  `bearer_token_env_var: ${address.bearer_token_env_var ?? '-'}`,
  `http_headers: ${pairs(address.http_headers, () => '*****')}`,
  // The values are names of variables.
  `env_http_headers: ${pairs(address.env_http_headers, (value) => value)}`,
  `http_headers_helper: ${address.http_headers_helper ?? '-'}`,
];

function pairs(table: Texts | null, shown: (value: string) => string): string {
  const list = Object.entries(table ?? {}).map(([key, value]) => `${key}=${shown(value)}`);
  return list.length === 0 ? '-' : list.join(', ');
}

/** Without a profile it is the reference's JSON, member by member. */
const start = ({ name, enabled, transport, permissions }: ServerReport) => ({
  name,
  enabled,
  disabled_reason: null,
  transport,
  ...(permissions === null ? {} : { permissions }),
});
const timeouts = ({ startupTimeout, toolTimeout }: ServerReport) => ({
  startup_timeout_sec: startupTimeout,
  tool_timeout_sec: toolTimeout,
});

export const listJson = (reports: readonly ListedServer[]): string =>
  json(reports.map((report) => ({ ...start(report), ...timeouts(report), auth_status: AUTH[report.auth][1] })));

export const serverJson = (report: ServerReport): string =>
  json({
    ...start(report),
    enabled_tools: report.enabledTools,
    disabled_tools: report.disabledTools,
    ...timeouts(report),
  });

/** Whole seconds are written as `20.0`. Such a line is never inside of a string, where line breaks are escaped. */
const json = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(/^( +"(?:startup|tool)_timeout_sec": \d+)(?=,?$)/gm, '$1.0')}\n`;
