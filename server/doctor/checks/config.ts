/**
 * Checks the configuration and the requirements as a daemon started here would read them, and lists the trusted
 * projects.
 */
import { messageOf } from '../../errors/message-of.js';
import path from 'node:path';
import { systemConfigDir } from '../../config/settings/codex-home.js';
import { checkConfiguration } from '../../config/inspect/check-configuration.js';
import type { Finding as FileFinding } from '../../config/inspect/check-file.js';
import { mostSimilar } from '../../errors/similar.js';
import { ruleWarnings } from '../../config/settings/rule-warnings.js';
import { createRuleBook } from '../../config/rules/rule-book.js';
import { withManagedRules } from '../../config/requirements/merged-rules.js';
import { ConfigError } from '../../errors/config-error.js';
import { checkStartup } from '../../config/settings/startup.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { skippedSettings } from '../../services/extensions/skipped-settings.js';
import { isFolder } from '../../system/files/look.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import type { DoctorContext } from '../findings/context.js';
import { fail, ok, skipped, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const configCheck: Check = {
  id: 'config',
  title: 'Configuration and requirements',
  limitMs: 15_000,
  needsHome: true,
  async run(context) {
    if (context.home.path === null) {
      return [skipped('config.usable', 'the configuration: not looked for', 'there is no Codex home')];
    }
    let source: ConfigService;
    try {
      source = await context.source();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return [
        fail(
          'config.usable',
          'the configuration cannot be looked for',
          'correct CODEX_HOME, or the -c option',
          error.message,
        ),
      ];
    }
    const demanded = requirements(source);
    const found = usable(source).filter(({ detail }) => demanded.status === 'ok' || detail !== demanded.detail);
    const left = skippedSettings(source).map(({ summary, details }) => warn('config.not-run', summary, details));
    return [...found, ...left, demanded, ...rules(source, context), ...projects(source)];
  },
};

const SHOW = '`codexd config show --origins` says where each value comes from';
const CORRECT = `correct what is named; ${SHOW}`;

function usable(source: ConfigService): readonly Finding[] {
  const { fatal, warnings } = checkStartup(source);
  if (fatal !== null)
    return [fail('config.usable', 'the daemon does not start with this configuration', CORRECT, fatal.trimEnd())];
  const { problem } = source.resolve(source.sources.cwd);
  if (problem !== null) {
    const text = warnings.map(({ summary, details }) => details ?? summary).join('\n');
    const what = 'the configuration cannot be used: commands may only read, and threads are refused';
    return [fail('config.usable', what, CORRECT, text.trimEnd())];
  }
  const { files, findings } = checkConfiguration(source, 'warning');
  const read = files.filter(({ found }) => found).map((file) => file.path);
  const what =
    read.length === 0 ? 'there is no configuration file: the defaults hold' : 'the configuration can be used';
  return [ok('config.usable', what, read.join('\n')), ...findings.map(asFinding)];
}

/** In the form of `codexd config check`. */
function asFinding({ severity, file, line, column, key, message, fix, known }: FileFinding): Finding {
  const [first = '', ...rest] = message.trimEnd().split('\n');
  const at = [file, line, column].filter((part) => part !== null).join(':');
  const meant = known.length === 0 ? null : mostSimilar(key?.split('.').at(-1) ?? '', known);
  const make = severity === 'error' ? fail : warn;
  return make(
    known.length > 0 ? 'config.unknown-keys' : 'config.problem',
    at === '' ? first : `${at}: ${first}`,
    meant === null ? (fix ?? CORRECT) : `did you mean \`${meant}\`?`,
    rest.map((text) => text.trim()).join('\n'),
  );
}

function requirements(source: ConfigService): Finding {
  const id = 'config.requirements';
  const file = path.join(systemConfigDir(), 'requirements.toml');
  try {
    const found = source.requirements();
    if (!found.present) return ok(id, `no requirements: ${file} is not there`);
    return ok(id, 'the requirements can be read', found.source);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return fail(
      id,
      'the requirements cannot be understood: nothing but reading is allowed',
      `correct ${file}, or ask your administrator`,
      error.message.trimEnd(),
    );
  }
}

function rules(source: ConfigService, { home }: DoctorContext): readonly Finding[] {
  if (home.path === null) return [];
  try {
    const book = withManagedRules(createRuleBook({ codexHome: source.sources.codexHome }), source);
    const warnings = ruleWarnings(book.current());
    if (warnings.length === 0) return [ok('config.rules', 'the rules files can be read')];
    return warnings.map(({ summary, details }) =>
      warn('config.rules', summary, 'correct the line that is named', details ?? ''),
    );
  } catch (error) {
    return [
      fail(
        'config.rules',
        'the rules files cannot be read',
        `look into ${path.join(home.path, 'rules')}`,
        messageOf(error),
      ),
    ];
  }
}

/** The folders in the user's own file where a project's configuration applies. */
function projects(source: ConfigService): readonly Finding[] {
  const { effective } = source.resolve(source.sources.cwd);
  const entries = Object.entries(tableAt(effective.table, 'projects'));
  const trusted = entries.flatMap(([folder, entry]) =>
    isTable(entry) && entry.trust_level === 'trusted' ? [folder] : [],
  );
  const id = 'config.projects';
  if (trusted.length === 0) return [ok(id, 'no project is trusted')];
  const gone = trusted.filter((folder) => !isFolder(folder));
  const what = trusted.length === 1 ? 'one project is trusted' : `${trusted.length} projects are trusted`;
  if (gone.length === 0) return [ok(id, what, trusted.slice(0, SHOWN).join('\n'))];
  const fix = 'remove their [projects] entries: whoever makes such a folder again is trusted';
  return [warn(id, `${what}, ${gone.length} of them without a folder`, fix, gone.slice(0, SHOWN).join('\n'))];
}
const SHOWN = 10;
