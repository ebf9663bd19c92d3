/**
 * The configuration of a thread that starts now: the values of files and options, after the requirements are applied.
 */
import { mergeLayers, originsOf } from '../layers/merge.js';
import { layerLabel } from '../layers/layer.js';
import { configReadMessage, locateProblem } from '../layers/config-problem.js';
import { clampApprovalPolicy, clampReviewer, clampWebSearch } from '../settings/clamp-warnings.js';
import { PINNED_KEYS } from '../requirements/pins.js';
import { requirementsShape } from '../shape/requirements-shape.js';
import { ConfigError } from '../../errors/config-error.js';
import { configShape } from '../shape/config-shape.js';
import { redactedTable } from '../shape/redact.js';
import { isList, isTable, sameValue, valueAt } from '../toml/value.js';
import { renderInline, renderPath } from '../write/render.js';
import type { LayerReference } from '../layers/layer.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigService } from '../settings/config-service.js';
import type { ResolvedConfig } from '../settings/resolved-config.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

export interface ShownKey {
  readonly path: readonly string[];
  /** Without secrets. */
  readonly value: TomlValue;
  /** The origin of the value: a layer, an option, a requirement or a default. */
  readonly origin: string;
  /** The configured value, if the requirements replaced it; else null. */
  readonly instead: TomlValue | null;
}

export interface EffectiveView {
  readonly keys: readonly ShownKey[];
  /** The keys of the requirements. */
  readonly requirements: { readonly source: string; readonly keys: readonly ShownKey[] } | null;
}

/**
 * `effective`: the values after the requirements are applied, with defaults; else the values of files and options.
 * Throws ConfigError if the configuration is invalid.
 */
export function viewConfiguration(
  source: ConfigService,
  options: { readonly cwd: string; readonly effective: boolean },
): EffectiveView {
  const resolved = source.resolve(options.cwd);
  const { effective, problem, requirements } = resolved;
  if (problem !== null) {
    const { text, path } = locateProblem(effective, problem);
    throw new ConfigError(path === null ? configReadMessage(problem).trimEnd() : text);
  }
  if (requirements instanceof ConfigError) throw requirements;
  const configured = mergeLayers(effective.layers);
  const origins = originsOf(effective.layers);
  const said = leaves(redactedTable(configured, configShape(), 'people'), []).map(([path, value]) => ({
    path,
    value,
    origin: originOf(origins, path, value),
    instead: null,
  }));
  if (!options.effective) return { keys: said, requirements: null };
  const { label, keys } = requirementKeys(requirements);
  return {
    keys: withRequirements(said, resolved, requirements, label),
    requirements: requirements.present ? { source: label, keys } : null,
  };
}

function withRequirements(
  said: readonly ShownKey[],
  resolved: ResolvedConfig,
  requirements: Requirements,
  label: string,
): ShownKey[] {
  const shown = new Map(said.map((key) => [renderPath(key.path), key]));
  /** Sets the effective value of a key; its origin is the requirement if it differs from the configured value. */
  const put = (path: readonly string[], value: TomlValue, fallback: string): void => {
    const name = renderPath(path);
    const before = shown.get(name);
    if (before !== undefined && sameValue(before.value, value)) return;
    shown.set(name, { path, value, origin: before === undefined ? fallback : label, instead: before?.value ?? null });
  };
  const { table } = resolved.effective;
  const pinnedTable = redactedTable(table, configShape(), 'people');
  for (const key of PINNED_KEYS) {
    if (requirements.table[key] === undefined) continue;
    const value = pinnedTable[key];
    for (const name of [...shown.keys()])
      if (name.startsWith(`${key}.`) && valueOf(pinnedTable, shown.get(name)) === undefined) shown.delete(name);
    const inner = value === undefined ? [] : isTable(value) ? leaves(value, [key]) : ([[[key], value]] as const);
    for (const [path, one] of inner) put(path, one, label);
  }
  for (const [name, on] of Object.entries(requirements.features ?? {})) put(['features', name], on, label);

  const policy = clampApprovalPolicy(table.approval_policy, requirements).value;
  put(['approval_policy'], policy ?? 'on-request', policy === undefined ? 'default' : label);
  const { approvals_reviewer: reviewer } = table;
  const asked = reviewer === undefined ? null : reviewer === 'user' ? 'user' : 'auto_review';
  const clamped = clampReviewer(asked, requirements.modelRequirements);
  if (clamped.warning !== null || asked === null)
    put(['approvals_reviewer'], clamped.value, clamped.value === 'user' ? 'default' : label);
  const search = clampWebSearch(table.web_search, requirements).value;
  if (search !== undefined) put(['web_search'], search, label);

  const { id } = resolved.settings.defaultProfile;
  if (resolved.clampedBy !== null) {
    // The replacement is shown for the key that is configured.
    const written = ['default_permissions', 'sandbox_mode'].find((key) => shown.has(key)) ?? 'default_permissions';
    const word = id ?? 'read-only';
    put(
      [written],
      written === 'sandbox_mode' ? word.replace(/^:/, '').replace(/^workspace$/, 'workspace-write') : word,
      label,
    );
  } else if (!shown.has('default_permissions') && !shown.has('sandbox_mode')) {
    put(['default_permissions'], id ?? ':read-only', 'default');
  }
  return [...shown.values()];
}

const valueOf = (table: TomlTable, key: ShownKey | undefined): TomlValue | undefined =>
  key === undefined ? undefined : valueAt(table, key.path);

function requirementKeys({ table, source }: Requirements): { readonly label: string; readonly keys: ShownKey[] } {
  const label = `requirements (${source})`;
  const shown = redactedTable(table, requirementsShape(), 'people');
  return {
    label,
    keys: leaves(shown, []).map(([path, value]) => ({ path, value, origin: label, instead: null })),
  };
}

function leaves(table: TomlTable, path: readonly string[]): [readonly string[], TomlValue][] {
  return Object.entries(table).flatMap(([key, value]): [readonly string[], TomlValue][] => {
    const at = [...path, key];
    return isTable(value) && Object.keys(value).length > 0 ? leaves(value, at) : [[at, value]];
  });
}

/** A list has an origin for each element; all elements come from the same layer. */
function originOf(
  origins: Readonly<Record<string, LayerReference>>,
  path: readonly string[],
  value: TomlValue,
): string {
  const key = path.join('.');
  const found = origins[isList(value) && value.length > 0 ? `${key}.0` : key] ?? origins[firstBelow(origins, key)];
  return found === undefined ? 'default' : layerLabel(found.name);
}

/** If an element of a list is a table, its keys have the origins. */
const firstBelow = (origins: Readonly<Record<string, LayerReference>>, key: string): string =>
  Object.keys(origins).find((one) => one.startsWith(`${key}.`)) ?? '';

/** `key = value`, TOML. */
export const renderKeyLine = ({ path, value }: ShownKey): string => `${renderPath(path)} = ${renderInline(value)}`;
/** A value as TOML, on one line. */
export const renderShown = (value: TomlValue): string => renderInline(value);
