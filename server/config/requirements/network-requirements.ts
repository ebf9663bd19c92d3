import { ConfigError } from '../../errors/config-error.js';
import { bareObject } from '../../system/node/objects.js';
import { isList, isTable, tableAt } from '../toml/value.js';
import { byCodePoint } from '../toml/layer-version.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/**
 * Managed network rules in their only internal form: maps. The legacy lists are converted to maps when they are read,
 * and derived from the maps for answers, so there is only one form to enforce (docs/protocol/config.md §6).
 */
export type Verdict = 'allow' | 'deny';

export interface NetworkRequirements {
  readonly enabled: boolean | null;
  readonly httpPort: number | null;
  readonly socksPort: number | null;
  readonly allowUpstreamProxy: boolean | null;
  readonly transparentTcp: boolean | null;
  readonly dangerouslyAllowNonLoopbackProxy: boolean | null;
  readonly dangerouslyAllowAllUnixSockets: boolean | null;
  /** Sorted by key; null: the file has no rules for hosts. */
  readonly domains: Readonly<Record<string, Verdict>> | null;
  readonly reviewDomains: readonly string[] | null;
  readonly managedAllowedDomainsOnly: boolean | null;
  readonly unixSockets: Readonly<Record<string, Verdict>> | null;
  readonly allowLocalBinding: boolean | null;
}

const LEGACY = ['experimental_network'] as const;
const CURRENT = ['permissions', 'network'] as const;

/**
 * `[permissions.network]`, and its older name `[experimental_network]`, types checked; `source`: the file. Null: there
 * are no rules. Throws ConfigError when one kind of rule is written in both forms, or when both sections are there and
 * do not say the same.
 */
export function readNetwork(table: TomlTable, source: string): NetworkRequirements | null {
  const { experimental_network: legacy } = table;
  const { network: current } = tableAt(table, 'permissions');
  if (isTable(current)) refuseProfile(current, source);
  const [old, now] = [
    isTable(legacy) ? readNetworkRequirements(legacy, source, LEGACY) : null,
    isTable(current) ? readNetworkRequirements(current, source, CURRENT) : null,
  ];
  if (old === null || now === null || JSON.stringify(old) === JSON.stringify(now)) return now ?? old;
  throw new ConfigError(
    `${layerPrefix(source)}legacy and permissions.network requirements must describe the same network policy`,
    { origin: 'requirements', key: CURRENT },
  );
}

const RESERVED =
  '`permissions.network` in requirements.toml is reserved for shared network constraints; rename the managed profile (for example, to `network-access`) and update `default_permissions`, `allowed_permission_profiles`, and `extends`; check saved session profile references. Profiles named `network` in config.toml remain valid\nin `permissions.network`\n';

/** Keys of profiles: a profile of this name would be taken for rules, and a reader of older versions for a profile. */
const PROFILE_KEYS = ['extends', 'description', 'filesystem', 'network', 'workspace_roots'];

function refuseProfile(section: TomlTable, source: string): void {
  if (!PROFILE_KEYS.some((key) => section[key] !== undefined)) return;
  throw new ConfigError(`${layerPrefix(source)}${RESERVED}`, { origin: 'requirements', key: CURRENT });
}

function readNetworkRequirements(section: TomlTable, source: string, key: readonly string[]): NetworkRequirements {
  return {
    enabled: flag(section.enabled),
    httpPort: port(section.http_port),
    socksPort: port(section.socks_port),
    allowUpstreamProxy: flag(section.allow_upstream_proxy),
    transparentTcp: flag(section.transparent_tcp),
    dangerouslyAllowNonLoopbackProxy: flag(section.dangerously_allow_non_loopback_proxy),
    dangerouslyAllowAllUnixSockets: flag(section.dangerously_allow_all_unix_sockets),
    domains: domains(section, source, key),
    reviewDomains: section.review_domains === undefined ? null : texts(section.review_domains),
    managedAllowedDomainsOnly: flag(section.managed_allowed_domains_only),
    unixSockets: unixSockets(section, source, key),
    allowLocalBinding: flag(section.allow_local_binding),
  };
}

/** The keys with one verdict, in the order of the map: a legacy list. Null: no such key. */
export function legacyView(rules: Readonly<Record<string, Verdict>> | null, verdict: Verdict): string[] | null {
  if (rules === null) return null;
  const keys = Object.keys(rules).filter((key) => rules[key] === verdict);
  return keys.length === 0 ? null : keys;
}

const combined = (what: string, source: string, key: readonly string[]): ConfigError =>
  new ConfigError(`${layerPrefix(source)}${what}\nin \`${key.join('.')}\`\n`, { origin: 'requirements', key });

/** How refusals of a whole requirements file begin. */
export const layerPrefix = (file: string): string => `failed to parse requirements layer ${file}: `;

function domains(section: TomlTable, source: string, key: readonly string[]): Readonly<Record<string, Verdict>> | null {
  const { allowed_domains: allowed, denied_domains: denied } = section;
  if (section.domains !== undefined) {
    if (allowed !== undefined || denied !== undefined) {
      throw combined(
        '`domains` cannot be combined with legacy `allowed_domains` or `denied_domains` in managed network requirements',
        source,
        key,
      );
    }
    return sorted(verdicts(section.domains));
  }
  // A host in both lists is denied.
  const rules = new Map<string, Verdict>();
  for (const host of texts(allowed)) rules.set(host, 'allow');
  for (const host of texts(denied)) rules.set(host, 'deny');
  return rules.size === 0 ? null : sorted(rules);
}

function unixSockets(
  section: TomlTable,
  source: string,
  key: readonly string[],
): Readonly<Record<string, Verdict>> | null {
  const { allow_unix_sockets: allowed } = section;
  if (section.unix_sockets !== undefined) {
    if (allowed !== undefined) {
      throw combined(
        '`unix_sockets` cannot be combined with legacy `allow_unix_sockets` in managed network requirements',
        source,
        key,
      );
    }
    return sorted(verdicts(section.unix_sockets));
  }
  const rules = new Map(texts(allowed).map((socket) => [socket, 'allow'] as const));
  return rules.size === 0 ? null : sorted(rules);
}

function verdicts(value: TomlValue): Map<string, Verdict> {
  if (!isTable(value)) return new Map();
  return new Map(Object.keys(value).map((key) => [key, value[key] === 'allow' ? 'allow' : 'deny']));
}

function sorted(rules: ReadonlyMap<string, Verdict>): Readonly<Record<string, Verdict>> {
  const record = bareObject<Verdict>();
  for (const key of [...rules.keys()].sort(byCodePoint)) record[key] = rules.get(key) ?? 'deny';
  return record;
}

const flag = (value: TomlValue | undefined): boolean | null => (typeof value === 'boolean' ? value : null);
const port = (value: TomlValue | undefined): number | null => (typeof value === 'number' ? value : null);
const texts = (value: TomlValue | undefined): string[] =>
  isList(value) ? value.filter((item): item is string => typeof item === 'string') : [];
