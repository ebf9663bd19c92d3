import { messageOf } from '../../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { mergeLayers } from '../layers/merge.js';
import { overriddenWarnings } from '../requirements/pins.js';
import { BUILT_IN_PROVIDERS } from '../shape/semantic-checks.js';
import { isTable, tableAt } from '../toml/value.js';
import { layerLabel } from '../layers/layer.js';
import { locateProblem } from '../layers/config-problem.js';
import { networkAudit } from './network-audit.js';
import { clampReviewer, clampWarnings } from './clamp-warnings.js';
import { ConfigError } from '../../errors/config-error.js';
import { unknownKeys } from '../shape/check.js';
import { networkWarnings } from './network-warnings.js';
import { configShape } from '../shape/config-shape.js';
import type { NotificationParams } from '../../../schema/registry.js';
import type { Layer } from '../layers/layer.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigService } from './config-service.js';
import type { ResolvedConfig } from './resolved-config.js';
import type { TomlTable } from '../toml/value.js';

export type ConfigWarning = NotificationParams<'configWarning'>;

/** The result of checking the configuration at the start (docs/protocol/config.md §2.1). */
export interface StartupCheck {
  /** The text after `Error: ` on stderr; the daemon exits with 1. Null: it may run. */
  readonly fatal: string | null;
  /** Sent to every client after `initialized`, in this order. */
  readonly warnings: readonly ConfigWarning[];
  /** The same warnings, each with its subject. */
  readonly notes: readonly StartupNote[];
}

/**
 * A warning with its subject: an unknown key, an unknown feature in the requirements, or a value that the requirements
 * replace; null: another subject.
 */
export interface StartupNote {
  readonly about: 'unknown-key' | 'unknown-feature' | 'replaced' | null;
  readonly warning: ConfigWarning;
}

const note = (warning: ConfigWarning, about: StartupNote['about'] = null): StartupNote => ({ about, warning });
const notes = (about: StartupNote['about'], summaries: readonly string[]): StartupNote[] =>
  summaries.map((summary) => note({ summary, details: null }, about));
const checked = (found: readonly StartupNote[]): StartupCheck => ({
  fatal: null,
  warnings: found.map(({ warning }) => warning),
  notes: found,
});
const refused = (fatal: string): StartupCheck => ({ fatal, warnings: [], notes: [] });

/**
 * Checks the current configuration for the daemon's folder. A mistake in an administrator's file or on the command line
 * prevents the start. A mistake in the user's files causes a warning, and the most restrictive settings are used. Never
 * throws for the content of a file.
 */
export function checkStartup(source: ConfigService): StartupCheck {
  const requirements = requirementsOf(source);
  if (requirements instanceof ConfigError) {
    // A file that is not TOML makes requests fail, but not the start: the reference sends the same warning.
    const malformed = requirements.malformed && !source.sources.strict;
    return malformed ? checked([note(invalid(requirements.message))]) : refused(requirements.message);
  }
  const resolved = source.resolve(source.sources.cwd);
  const fatal = fatalRequirement(source, requirements, resolved) ?? fatalProblem(resolved);
  if (fatal !== null) return refused(fatal);
  if (resolved.problem !== null) {
    const { text, path, range } = locateProblem(resolved.effective, resolved.problem);
    // --strict-config: the daemon must not run with other settings than those in the file.
    if (source.sources.strict) return refused(text.trimEnd());
    return checked([note(path === null || range === null ? invalid(text) : { ...invalid(text), path, range })]);
  }
  const lost = notes(null, source.sources.read.warnings());
  return checked([...notesOf(resolved, requirements), ...auditNotes(source, resolved), ...lost]);
}

/** For commands that run once: throws ConfigError if the daemon would not start with `--strict-config`. */
export function assertStrict(source: ConfigService): void {
  if (!source.sources.strict) return;
  const { fatal } = checkStartup(source);
  if (fatal !== null) throw new ConfigError(fatal);
}

/** Why the requirements cannot be enforced: a contradiction, or a demand that nothing can meet; null: they can. */
function fatalRequirement(
  { sources }: ConfigService,
  requirements: Requirements,
  { effective }: ResolvedConfig,
): string | null {
  const { contradiction, modelRequirements, source, table, unknown } = requirements;
  if (contradiction !== null) return contradiction;
  const [key] = unknown;
  if (sources.strict && key !== undefined) return `unknown requirements field \`${key}\` in ${source}`;
  const { forced_login_method: forced } = effective.table;
  if ((forced === 'api' || forced === 'chatgpt') && modelRequirements.loginMethods?.includes(forced) === false) {
    return 'authentication requirements do not permit any usable login method';
  }
  const { model_provider: provider, model_catalog_json: catalog } = table;
  if (typeof provider === 'string' && !isKnownProvider(provider, effective.table)) {
    return `Model provider \`${provider}\` not found`;
  }
  return typeof catalog === 'string' ? catalogProblem(catalog) : null;
}

const isKnownProvider = (id: string, table: TomlTable): boolean =>
  BUILT_IN_PROVIDERS.includes(id) || isTable(tableAt(table, 'model_providers')[id]);

/** Why the required model catalog cannot be used; null: it can. */
function catalogProblem(file: string): string | null {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    return `model_catalog_json path \`${file}\` cannot be read: ${messageOf(error)}`;
  }
  try {
    const { models } = JSON.parse(text) as { readonly models?: unknown };
    if (!Array.isArray(models)) return `failed to parse model_catalog_json path \`${file}\`: \`models\` must be a list`;
    return models.length === 0 ? `model_catalog_json path \`${file}\` must contain at least one model` : null;
  } catch (error) {
    return `failed to parse model_catalog_json path \`${file}\` as JSON: ${messageOf(error)}`;
  }
}

function requirementsOf(source: ConfigService): Requirements | ConfigError {
  try {
    return source.requirements();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function fatalProblem({ effective, problem }: ResolvedConfig): string | null {
  if (problem === null) return null;
  if (problem.kind === 'layers') {
    // The command line selects the profile, so a mistake in it counts as a mistake on the command line.
    const { layer, message, strict } = problem.error;
    if (strict || (layer?.type === 'user' && layer.profile !== null)) return message;
  }
  if (problem.kind === 'meaning') {
    if (problem.endsStart) return problem.text;
    return setByFlags(effective.layers, ['default_permissions', 'permissions', 'profile', 'model_provider'])
      ? problem.text
      : null;
  }
  const { text, layer, path } = locateProblem(effective, problem);
  if (path !== null && path === profileLayer(effective.layers)?.file) return text.trimEnd();
  const administrators = layer === 'system' || layer === 'legacyManagedConfigTomlFromFile';
  return administrators || layer === 'sessionFlags' ? text.trimEnd() : null;
}

/** The file of `--profile`, which overrides the user's config.toml; undefined: no profile is selected. */
function profileLayer(layers: readonly Layer[]): { readonly file: string; readonly missing: boolean } | undefined {
  for (const { name, file } of layers) {
    if (name.type === 'user' && name.profile !== null) return { file: name.file, missing: file?.kind === 'missing' };
  }
  return undefined;
}

function missingProfile(layers: readonly Layer[]): string[] {
  const profile = profileLayer(layers);
  return profile?.missing === true
    ? [
        `The configuration profile of --profile has no file: ${profile.file} is missing, so nothing lies over config.toml.`,
      ]
    : [];
}

/** Whether the command line sets one of the keys: then the mistake counts as its mistake. */
function setByFlags(layers: readonly Layer[], keys: readonly string[]): boolean {
  const flags = layers.find((layer) => layer.name.type === 'sessionFlags');
  return flags !== undefined && keys.some((key) => flags.table[key] !== undefined);
}

function notesOf(resolved: ResolvedConfig, requirements: Requirements): StartupNote[] {
  const { layers } = resolved.effective;
  const unknownFeatures = requirements.unknownFeatures.map(
    (name) => `Ignoring unknown \`features\` requirement \`${name}\` from ${requirements.source}`,
  );
  return [
    ...notes(null, [
      ...missingProfile(layers),
      ...untrustedProjects(layers),
      ...ignoredProjectKeys(layers),
      ...leftOutProjectKeys(layers),
    ]),
    ...notes('unknown-key', ignoredSettings(layers, ignoredRequirements(requirements))),
    ...notes('unknown-feature', unknownFeatures),
    ...notes('replaced', overriddenBy(requirements, layers)),
    ...notes(null, resolved.selected?.warnings ?? []),
    ...notes('replaced', clampWarnings(resolved, requirements)),
    ...notes('replaced', reviewerWarnings(resolved, requirements)),
    ...notes(null, ofNetworks(resolved)),
  ];
}

/** Of every profile that a command can name. */
function ofNetworks({ settings, effective }: ResolvedConfig): string[] {
  const named = Object.keys(tableAt(effective.table, 'permissions')).flatMap((name) => {
    try {
      return [settings.profile(name)];
    } catch (error) {
      if (error instanceof ConfigError) return []; // The command that uses it reports it.
      throw error;
    }
  });
  return [...new Set([settings.defaultProfile, ...named].flatMap((profile) => networkWarnings(settings, profile)))];
}

function reviewerWarnings({ effective }: ResolvedConfig, { modelRequirements }: Requirements): string[] {
  const configured = effective.table.approvals_reviewer;
  if (configured === undefined) return [];
  const { warning } = clampReviewer(configured === 'user' ? 'user' : 'auto_review', modelRequirements);
  return warning === null ? [] : [warning];
}

const overriddenBy = ({ table, source }: Requirements, layers: readonly Layer[]): string[] =>
  overriddenWarnings(mergeLayers(layers), table, source);

/** An invalid audit file makes every command fail, so clients receive the reason at the start. */
function auditNotes({ sources }: ConfigService, { effective }: ResolvedConfig): StartupNote[] {
  try {
    networkAudit(effective.table, sources);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return notes(null, [error.message]);
    throw error;
  }
}

/** The keys without effect in the layers and in the own configuration of a thread. */
export function threadWarnings(layers: readonly Layer[], own: TomlTable): string[] {
  const name = { type: 'sessionFlags' } as const;
  const unknown = ignoredSettings(
    [{ name, table: own, file: null, disabledReason: null, ignoredKeys: [], leftOutKeys: [] }],
    [],
  );
  return [...ignoredProjectKeys(layers), ...leftOutProjectKeys(layers), ...unknown];
}

const invalid = (details: string): ConfigWarning => ({ summary: 'Invalid configuration; using defaults.', details });

function untrustedProjects(layers: readonly Layer[]): string[] {
  const lines: string[] = [];
  for (const { name, disabledReason } of layers) {
    if (name.type !== 'project' || disabledReason === null) continue;
    lines.push(`    ${lines.length + 1}. ${name.dotCodexFolder}\n       ${disabledReason}\n`);
  }
  if (lines.length === 0) return [];
  return [
    `Project-local config, hooks, and exec policies are disabled in the following folders until the project is trusted, but skills still load.\n${lines.join('')}`,
  ];
}

function ignoredProjectKeys(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ name, ignoredKeys }) =>
    name.type === 'project' && ignoredKeys.length > 0
      ? [
          `Ignored unsupported project-local config keys in ${name.dotCodexFolder}/config.toml: ${ignoredKeys.join(', ')}. If you want these settings to apply, manually set them in your user-level config.toml.`,
        ]
      : [],
  );
}

/** How many keys one warning names. */
const NAMED = 20;

function leftOutProjectKeys(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ name, leftOutKeys }) => {
    if (name.type !== 'project' || leftOutKeys.length === 0) return [];
    const more = leftOutKeys.length > NAMED ? ` and ${leftOutKeys.length - NAMED} more` : '';
    return [
      `Left out of ${name.dotCodexFolder}/config.toml, because no person has said yes to this file and these keys could allow more than holds without it: ${leftOutKeys.slice(0, NAMED).join(', ')}${more}. Look at the file with \`codexd trust ${path.dirname(name.dotCodexFolder)}\`, which asks whether it may count as it is.`,
    ];
  });
}

/** How many ignored settings one warning lists. */
const LISTED = 3;
const OLD_ALLOWLIST =
  'Use [allowed_permission_profiles] and default_permissions; the old allowlist is ignored even when both forms are present.';

interface IgnoredSetting {
  readonly label: string;
  readonly key: string;
}

const ignoredRequirements = ({ unknown, source }: Requirements): IgnoredSetting[] =>
  topmostUnknown(unknown.map((key) => [key])).map((key) => ({ label: `requirements (${source})`, key }));

function ignoredSettings(layers: readonly Layer[], others: readonly IgnoredSetting[]): string[] {
  const lines = layers
    .filter((layer) => layer.disabledReason === null && Object.keys(layer.table).length > 0)
    .flatMap(({ name, table }) =>
      topmostUnknown(unknownKeys(table, configShape())).map((key) => ({ label: layerLabel(name), key })),
    )
    .concat(others)
    .map(
      ({ label, key }) =>
        `\n  ${label}: \`${key}\` is ignored.${key === 'allowed_permissions' ? ` ${OLD_ALLOWLIST}` : ''}`,
    );
  if (lines.length === 0) return [];
  const more = lines.length > LISTED ? `\n  ... and ${lines.length - LISTED} more ignored settings.` : '';
  return [
    `Codex is ignoring ${lines.length} unrecognized configuration setting${lines.length === 1 ? '' : 's'}. Check for typos or deprecated settings.${lines.slice(0, LISTED).join('')}${more}`,
  ];
}

const topmostUnknown = (paths: readonly (readonly string[])[]): string[] =>
  [...new Set(paths.map((path) => path.join('.')))].sort();
