/**
 * Checks the whole configuration for a folder: each file, the merged result, the requirements and the rules.
 */
import path from 'node:path';
import { projectFiles } from '../settings/project-files.js';
import { features } from '../shape/features.js';
import { problemText } from '../layers/config-problem.js';
import { profileFile } from '../layers/profile-file.js';
import { refusedKey } from '../shape/enforcement.js';
import { requirementsShape } from '../shape/requirements-shape.js';
import { createRuleBook } from '../rules/rule-book.js';
import { ConfigError } from '../../errors/config-error.js';
import { unknownKeys } from '../shape/check.js';
import { configShape } from '../shape/config-shape.js';
import { checkStartup } from '../settings/startup.js';
import { checkFile, finding, knownBeside, placeOf, type Finding } from './check-file.js';
import type { ConfigFile } from '../layers/config-file.js';
import type { ConfigService } from '../settings/config-service.js';
import { isTable, type TomlTable } from '../toml/value.js';

export interface Checked {
  /** The files, lowest precedence first, whether found or not. */
  readonly files: readonly { readonly path: string; readonly found: boolean }[];
  readonly findings: readonly Finding[];
}

const CONFIG = {
  foreignEntries: 'pass',
  unknownMeans: 'it is ignored',
} as const;

/**
 * `source` must have been made for the folder (`cwd`) to check. `unknown`: the severity of an unknown key in
 * config.toml. In requirements.toml an unknown key is always an error, because it restricts nothing. Never throws for
 * the content of a file.
 */
export function checkConfiguration(source: ConfigService, unknown: Finding['severity']): Checked {
  const { sources } = source;
  const requirementsPath = path.join(sources.systemDir, 'requirements.toml');
  const projects = projectFiles(source, sources.cwd).map(({ file }) => file);
  const configs = [
    path.join(sources.systemDir, 'config.toml'),
    path.join(sources.codexHome, 'config.toml'),
    ...(sources.profile === null ? [] : [profileFile(sources.codexHome, sources.profile)]),
    ...projects,
    path.join(sources.systemDir, 'managed_config.toml'),
  ].map((file) => sources.read(file));
  const requirements = sources.read(requirementsPath);

  const findings = configs.flatMap((file) =>
    checkFile(file, { ...CONFIG, unknown, shape: configShape() }).map(withFeatures),
  );
  findings.push(...flagFindings(sources.flags, unknown));
  findings.push(...requirementFindings(requirements, source));
  if (!findings.some(({ severity }) => severity === 'error')) findings.push(...together(source, configs));
  const book = createRuleBook({ codexHome: sources.codexHome }).current();
  findings.push(
    ...book.problems.map(({ path: file, line, reason }) => ({
      ...finding(file, { message: reason, fix: 'correct the rule' }),
      line,
      column: 1,
    })),
  );
  const files = [...configs, requirements].map(({ path: file, kind }) => ({ path: file, found: kind !== 'missing' }));
  const rules = [...new Set(book.problems.map(({ path: file }) => file))].map((file) => ({ path: file, found: true }));
  return { files: [...files, ...rules], findings };
}

/** Unknown keys of `-c`; their values are checked with the merged result. */
function flagFindings(flags: TomlTable | null, severity: Finding['severity']): Finding[] {
  if (flags === null) return [];
  return unknownKeys(flags, configShape()).map((key) =>
    withFeatures({
      ...finding(null, { message: `unknown key \`${key.join('.')}\` on the command line: it is ignored`, key }),
      severity,
      known: knownBeside(configShape(), key),
      fix: 'correct the name, or leave it out',
    }),
  );
}

function requirementFindings(file: ConfigFile, source: ConfigService): Finding[] {
  const found = checkFile(file, {
    shape: requirementsShape(),
    foreignEntries: 'refuse',
    unknown: 'error',
    unknownMeans: 'it restricts nothing',
  }).map(withFeatures);
  if (found.some(({ line }) => line !== null) || file.kind !== 'parsed') return found;
  try {
    const { contradiction, unknownFeatures } = source.requirements();
    for (const name of unknownFeatures) {
      found.push({
        ...finding(file.path, { message: `unknown feature \`${name}\`: nothing is pinned`, key: ['features', name] }),
        ...placeOf(file.text, ['features', name], 'key'),
        fix: 'correct the name, or take the key out',
        known: features().map((one) => one.name),
      });
    }
    if (contradiction === null) return found;
    const key = refusedKey(file.table)?.split('.') ?? null;
    const place = key === null ? {} : placeOf(file.text, key, 'key');
    return [...found, { ...finding(file.path, { message: contradiction, key }), ...place }];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...found, refusal(file, error)];
  }
}

/** Names of features are no fields of the shape. */
const withFeatures = (one: Finding): Finding =>
  one.key?.startsWith('features.') === true ? { ...one, known: features().map(({ name }) => name) } : one;

/** A refusal of the requirements as a whole, at its key, with a plain sentence after it. */
function refusal(file: ConfigFile & { readonly kind: 'parsed' }, { message, key, fix: own }: ConfigError): Finding {
  const fix = own ?? 'correct the file: no thread starts until then';
  const place = key === null ? {} : placeOf(file.text, key, 'key');
  return { ...finding(file.path, { message, key, fix }), ...place };
}

/** What no single file shows: what does not go together, and what requirements make of it. */
function together(source: ConfigService, files: readonly ConfigFile[]): Finding[] {
  const { problem, effective } = source.resolve(source.sources.cwd);
  if (problem !== null) {
    const key = problem.kind === 'meaning' ? problem.key : null;
    return [placed(problemText(effective, problem).trimEnd(), key, files)];
  }
  const { fatal, notes } = checkStartup(source);
  if (fatal !== null) return [finding(null, { message: fatal.trimEnd() })];
  // Unknown keys and features are findings of their files.
  return notes
    .filter(({ about }) => about !== 'unknown-key' && about !== 'unknown-feature')
    .map(({ about, warning: { summary, details } }) => ({
      ...finding(null, { message: details === null ? summary : `${summary} ${details}` }),
      severity: 'warning' as const,
      fix:
        about === 'replaced' ? 'the requirements decide: change the value, or ask who administers this machine' : null,
    }));
}

/** At the key that refers to what is missing, in the file that has the most of it; of two the higher one. */
function placed(message: string, key: readonly string[] | null, files: readonly ConfigFile[]): Finding {
  if (key === null) return finding(null, { message });
  const depth = (file: ConfigFile): number => (file.kind === 'parsed' ? depthOf(file.table, key) : 0);
  const file = files.reduce<ConfigFile | undefined>(
    (best, one) => (depth(one) > 0 && (best === undefined || depth(one) >= depth(best)) ? one : best),
    undefined,
  );
  if (file?.kind !== 'parsed') return finding(null, { message });
  return { ...finding(file.path, { message, key }), ...placeOf(file.text, key, 'key') };
}

/** How many names of the key the table has. */
function depthOf(table: TomlTable, [name = '', ...rest]: readonly string[]): number {
  const value = table[name];
  if (value === undefined) return 0;
  return 1 + (isTable(value) && rest.length > 0 ? depthOf(value, rest) : 0);
}
