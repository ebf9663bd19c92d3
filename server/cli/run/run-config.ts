/** The actions of `codexd config`. */
import path from 'node:path';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { checkConfiguration } from '../../config/inspect/check-configuration.js';
import { renderKeyLine, renderShown, viewConfiguration, type ShownKey } from '../../config/inspect/effective-view.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import { configJsonSchema, requirementsJsonSchema } from '../../config/shape/config-json-schema.js';
import { assertStrict, checkStartup } from '../../config/settings/startup.js';
import { toJson } from '../../config/toml/value.js';
import { StartError } from '../../errors/start-error.js';
import { jsonText } from '../../system/node/json-text.js';
import { isFolder, NO_WORKING_FOLDER, workingFolder } from '../../system/files/look.js';
import { commandLineConfig } from '../options/app-server-options.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { mostSimilar } from '../../errors/similar.js';
import { terminalText } from '../output/terminal-text.js';
import type { Finding } from '../../config/inspect/check-file.js';

export function printSchema(parsed: ParsedCommand): number {
  const schema = isGiven(parsed, 'requirements') ? requirementsJsonSchema() : configJsonSchema();
  print(`${JSON.stringify(schema, null, 2)}\n`);
  return 0;
}

/** Resolves to 0. Throws ConfigError when the configuration cannot be used. */
export function showConfiguration(parsed: ParsedCommand): number {
  const source = sourceFor(parsed);
  assertStrict(source);
  const { cwd } = source.sources;
  const effective = isGiven(parsed, 'effective');
  const view = viewConfiguration(source, { cwd, effective });
  if (isGiven(parsed, 'json')) {
    const keys = view.keys.map(asJson);
    const requirements = view.requirements === null ? null : view.requirements.keys.map(asJson);
    print(`${jsonText(effective ? { keys, requirements } : { keys })}\n`);
  } else {
    const origins = isGiven(parsed, 'origins');
    const lines = view.keys.map((key) => keyLine(key, origins));
    for (const key of view.requirements?.keys ?? []) lines.push(`# ${key.origin} demands: ${renderKeyLine(key)}`);
    print(lines.map((line) => terminalText(`${line}\n`, process.stdout)).join(''));
    if (lines.length === 0) say('nothing is configured; --effective shows the defaults that hold');
  }
  for (const { summary, details } of checkStartup(source).warnings) {
    say(`warning: ${summary}${details ? `\n${details}` : ''}`);
  }
  return 0;
}

function keyLine(key: ShownKey, origins: boolean): string {
  const notes = origins ? [key.origin] : [];
  if (key.instead !== null) {
    notes.push(`${origins ? '' : `${key.origin}, `}in place of ${renderShown(key.instead)}`);
  }
  return `${renderKeyLine(key)}${notes.length === 0 ? '' : `  # ${notes.join(', ')}`}`;
}

const asJson = ({ path: key, value, origin, instead }: ShownKey): Record<string, unknown> => ({
  key,
  value: toJson(value),
  origin,
  ...(instead === null ? {} : { insteadOf: toJson(instead) }),
});

/** Resolves to 1 when there is an error. */
export function checkFiles(parsed: ParsedCommand): number {
  const source = sourceFor(parsed, { strict: false });
  const unknown = isGiven(parsed, 'strict-config') ? 'error' : 'warning';
  const { files, findings } = checkConfiguration(source, unknown);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (isGiven(parsed, 'json')) {
    const shown = findings.map((one) => withoutNames({ ...one, fix: wayOut(one) }));
    print(`${jsonText({ ok: errors === 0, files, findings: shown })}\n`);
    return errors === 0 ? 0 : 1;
  }
  print(findings.map((one) => terminalText(`${findingLine(one)}\n`, process.stdout)).join(''));
  const read = files.filter(({ found }) => found).length;
  say(`${count(read, 'file')} read, ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`);
  return errors === 0 ? 0 : 1;
}

const withoutNames = ({ known: _known, ...shown }: Finding): Omit<Finding, 'known'> => shown;

/** `FILE:LINE:COLUMN: error: the mistake; the remedy`. */
function findingLine(one: Finding): string {
  const at = [one.file, one.line, one.column].filter((part) => part !== null).join(':');
  const fix = wayOut(one);
  const message = one.message.trimEnd().replace(/\s*\n\s*/g, ' ');
  return `${at === '' ? '' : `${at}: `}${one.severity}: ${message}${fix === null ? '' : `; ${fix}`}`;
}

function wayOut({ key, known, fix }: Finding): string | null {
  const name = key?.split('.').at(-1) ?? '';
  const meant = known.length === 0 ? null : mostSimilar(name, known);
  return meant === null ? fix : `did you mean \`${meant}\`?`;
}

function sourceFor(parsed: ParsedCommand, { strict }: { readonly strict?: boolean } = {}): ConfigService {
  const asked = valueOf(parsed, 'cwd');
  const cwd = asked === null ? workingFolder() : path.resolve(asked);
  if (cwd === null) throw new StartError(`${NO_WORKING_FOLDER}, or name one with --cwd`);
  if (!isFolder(cwd)) throw new StartError(`--cwd ${cwd} is not a folder`);
  return createConfigService({
    codexHome: resolveCodexHome(),
    commandLine: commandLineConfig(parsed),
    cwd,
    strict: strict ?? isGiven(parsed, 'strict-config'),
  });
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
const say = (line: string): void => void process.stderr.write(terminalText(`${line}\n`, process.stderr));
