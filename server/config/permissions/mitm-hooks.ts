/**
 * `[permissions.NAME.network.mitm]` → the hooks of a policy (docs/protocol/network.md §3.10). Data only:
 * network-approval/hooks judges requests by them.
 *
 * Threat: a hook that is meant to restrict a host, and is read as less than it says.
 * Rule: every key is known, has its type, and can be enforced; anything else refuses the profile, by the key's name.
 * Non-scope: the values of secrets, which are read when a command starts (network-approval/hooks/secrets.ts).
 */
import { ConfigError } from '../../errors/config-error.js';
import { asciiName } from '../../system/node/domain-names.js';
import { byCodePoint } from '../toml/layer-version.js';
import { isList, isTable, type TomlTable, type TomlValue } from '../toml/value.js';
import { compilePattern } from './hook-pattern.js';
import { refuse, strings, tableOf, texts, TOKEN, wrong } from './hook-values.js';
import { readAction, secretSources, type HookActions } from './mitm-actions.js';

export interface MitmHook extends HookActions {
  readonly name: string;
  /** One host: lower case, without a dot at the end or brackets. */
  readonly host: string;
  /** Empty: any. */
  readonly ports: readonly number[];
  /** Upper case; a request's own is compared as it is written. */
  readonly methods: readonly string[];
  /** Prefixes, or `pattern:…` for the whole path. */
  readonly paths: readonly string[];
  readonly query: readonly HookCondition[];
  readonly headers: readonly HookCondition[];
}

/** A parameter or header that must be there exactly once, with one of the values. */
export interface HookCondition {
  /** Of a header: lower case. */
  readonly name: string;
  /** Literal, or `pattern:…`. Empty (headers only): any value. */
  readonly values: readonly string[];
}

const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*)$/;
/**
 * The hooks of a profile's `network`, by name in the order of code points. Throws ConfigError, whose key is below the
 * profile.
 */
export function readMitmHooks(network: TomlTable): readonly MitmHook[] {
  if (network.mitm === undefined) return [];
  const mitm = tableOf(network.mitm, 'network.mitm', ['version', 'hooks', 'actions']);
  if (mitm.version !== undefined && mitm.version !== 2)
    throw wrong('network.mitm.version', `unsupported network.mitm.version ${shown(mitm.version)}`);
  const scoped = mitm.version === 2;
  const actions = new Map(
    entries(mitm.actions, 'network.mitm.actions').map(([name, value]) => [name, readAction(name, value, scoped)]),
  );
  return entries(mitm.hooks, 'network.mitm.hooks').map(([name, value]) => readHook(name, value, scoped, actions));
}

const shown = (value: TomlValue): string => (typeof value === 'number' ? String(value) : 'of another type');

/** The files whose content hooks put into requests: no command may read them. */
export const secretFiles = (hooks: readonly MitmHook[]): readonly string[] =>
  hooks.flatMap((hook) => secretSources(hook).flatMap((from) => ('file' in from ? [from.file] : [])));

function entries(value: TomlValue | undefined, at: string): [string, TomlValue][] {
  if (value === undefined) return [];
  if (!isTable(value)) throw wrong(at, `${at} must be a table`);
  return Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
}

function readHook(
  name: string,
  value: TomlValue,
  scoped: boolean,
  actions: ReadonlyMap<string, HookActions>,
): MitmHook {
  const at = `network.mitm.hooks.${name}`;
  const keys = ['schemes', 'ports', 'host', 'methods', 'path_prefixes', 'query', 'headers', 'body', 'action'];
  const hook = tableOf(value, at, keys);
  if (hook.body !== undefined) throw refuse(`${at}.body`, 'is reserved, and requests are not judged by their bodies');
  if (!scoped && (hook.schemes !== undefined || hook.ports !== undefined))
    throw wrong(at, 'scoped MITM hooks require network.mitm.version = 2');
  for (const scheme of hook.schemes === undefined ? ['https'] : texts(hook.schemes, `${at}.schemes`))
    if (scheme !== 'https') throw refuse(`${at}.schemes`, `names "${scheme}"; hooks apply to requests over TLS`);
  const chosen = texts(hook.action, `${at}.action`).map((wanted) => {
    const found = actions.get(wanted);
    if (found === undefined) throw wrong(`${at}.action`, `${at}.action references undefined action \`${wanted}\``);
    return found;
  });
  const inject = chosen.flatMap((one) => one.inject);
  const substitutions = chosen.flatMap(({ substitution }) => substitution ?? []);
  const signings = chosen.flatMap(({ signing }) => signing ?? []);
  for (const [kind, found] of [
    ['body substitution', substitutions],
    ['AWS signing', signings],
  ] as const)
    if (found.length > 1) throw wrong(`${at}.action`, `${at} must select at most one ${kind} action`);
  const methods = texts(hook.methods, `${at}.methods`).map((method) => method.trim().toUpperCase());
  for (const method of methods)
    if (!TOKEN.test(method)) throw refuse(`${at}.methods`, `contains \`${method}\`, which is no method`);
  // The server's answer to TRACE is the request itself (RFC 9110 §9.3.8).
  if (inject.length + substitutions.length + signings.length > 0 && methods.includes('TRACE'))
    throw refuse(`${at}.methods`, 'contains TRACE, whose answer would show what the action adds');
  return {
    name,
    host: hostOf(hook.host, `${at}.host`),
    ports: portsOf(hook.ports, `${at}.ports`),
    methods,
    paths: texts(hook.path_prefixes, `${at}.path_prefixes`).map((text) => pathOf(text, `${at}.path_prefixes`)),
    query: conditions(hook.query, `${at}.query`, true),
    headers: conditions(hook.headers, `${at}.headers`, false).map((one) => {
      if (!TOKEN.test(one.name)) throw refuse(`${at}.headers`, `contains \`${one.name}\`, which is no header name`);
      return { ...one, name: one.name.toLowerCase() };
    }),
    strip: chosen.flatMap((one) => one.strip),
    inject,
    substitution: substitutions[0] ?? null,
    signing: signings[0] ?? null,
  };
}

function hostOf(value: TomlValue | undefined, at: string): string {
  const written = typeof value === 'string' ? value.trim() : '';
  if (written === '') throw refuse(at, 'must name a host');
  if (/[*?]/.test(written)) throw refuse(at, 'must be one host, without wildcards');
  const bare = written.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const host = (asciiName(bare) ?? bare).toLowerCase();
  if (!HOST.test(host)) throw refuse(at, 'must be a host alone; `ports` with `version = 2` has the place for ports');
  return host;
}

function portsOf(value: TomlValue | undefined, at: string): readonly number[] {
  if (value === undefined) return [];
  if (!isList(value) || value.length === 0) throw refuse(at, 'must be a list of ports');
  return value.map((port) => {
    if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
    throw refuse(at, 'must contain ports from 1 to 65535');
  });
}

const PATTERN = 'pattern:';
const LITERAL = /^literal:/;

/** Whether an entry is a pattern, and its text. */
export const patternOf = (entry: string): { readonly isPattern: boolean; readonly text: string } =>
  entry.startsWith(PATTERN)
    ? { isPattern: true, text: entry.slice(PATTERN.length) }
    : { isPattern: false, text: entry.replace(LITERAL, '') };

/** Paths that no request may match (network-approval/hooks/request-path.ts): an entry with one is a mistake. */
const NEVER = /[?#;\\]|%(?:2e|2f|5c|25)|\/\.{1,2}(?:\/|$)/i;

function pathOf(entry: string, at: string): string {
  const { isPattern, text } = patternOf(entry);
  if (text === '') throw refuse(at, 'must not contain empty entries');
  if (isPattern) checkPattern(text, '/', at);
  // eslint-disable-next-line codexd/path-texts -- a path of a URL
  else if (!text.startsWith('/') || NEVER.test(text))
    throw refuse(
      at,
      `contains \`${entry}\`, which no request can match: an entry is a plain path from its first "/" on`,
    );
  return entry;
}

function checkPattern(text: string, separator: '/' | null, at: string): void {
  try {
    compilePattern(text, separator);
  } catch (error) {
    throw error instanceof ConfigError ? wrong(at, error.message) : error;
  }
}

function conditions(value: TomlValue | undefined, at: string, needsValues: boolean): readonly HookCondition[] {
  return entries(value, at).map(([name, list]) => {
    const values = strings(list, `${at}.${name}`);
    if (name === '') throw refuse(at, 'must not contain an empty name');
    if (needsValues && values.length === 0) throw refuse(`${at}.${name}`, 'must list at least one value');
    for (const entry of values) {
      const { isPattern, text } = patternOf(entry);
      if (isPattern) checkPattern(text, null, `${at}.${name}`);
    }
    return { name, values };
  });
}
