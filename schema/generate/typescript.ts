/**
 * `codexd app-server generate-ts`: the protocol as TypeScript types, one type in each file (docs/protocol/transport.md
 * §12).
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { catalogue, references } from './catalogue.js';
import type { Catalogue, GenerateOptions } from './catalogue.js';
import { HEADER, writeFiles } from './files.js';
import { typescriptInline, typescriptNames, typescriptRoot } from './layout.js';
import type { FieldShape, Shape, StructShape } from '../shape/wire-shape.js';

export interface GenerateTypeScriptOptions extends GenerateOptions {
  /** A Prettier program that formats the files afterwards. */
  readonly prettier?: string | undefined;
}

/**
 * Writes the files below `out`. When a folder, a file or Prettier fails, throws an Error with the text for the user.
 */
export function generateTypeScript(options: GenerateTypeScriptOptions): void {
  const files = typescriptFiles(options.experimental);
  writeFiles(options.out, files);
  if (options.prettier !== undefined)
    format(
      options.prettier,
      [...files.keys()].map((file) => path.join(options.out, file)),
    );
}

/** The files by path. */
export function typescriptFiles(experimental: boolean): Map<string, string> {
  const types = catalogue(experimental);
  const modules: Module[] = [...typeModules(types), ...envelopeModules(types)];
  const files = new Map(modules.map((module) => [`${fileOf(module)}.ts`, moduleText(module)]));
  files.set('serde_json/JsonValue.ts', `${HEADER}export type JsonValue = ${JSON_VALUE};\n`);
  const names = (v2: boolean): string[] => modules.filter((module) => module.v2 === v2).map((module) => module.name);
  files.set('index.ts', `${HEADER}${exports(names(false))}export * as v2 from "./v2";\n`);
  files.set('v2/index.ts', `${HEADER}${exports(names(true))}`);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const JSON_VALUE = 'number | string | boolean | Array<JsonValue> | { [key in string]?: JsonValue } | null';

/** One file: a type, and the names of the types that it mentions. */
interface Module {
  readonly name: string;
  readonly v2: boolean;
  readonly type: string;
  readonly uses: readonly Reference[];
}
interface Reference {
  readonly name: string;
  readonly v2: boolean;
}
const JSON_REFERENCE = 'JsonValue';

function typeModules(types: Catalogue): Module[] {
  return [...types.types.keys()]
    .filter((name) => !typescriptInline.has(name))
    .map((name) => {
      const shape = shapeOf(name, types);
      return { ...referenceTo(name), type: typeText(shape, types), uses: usesOf(shape, types) };
    });
}

/** The unions of all requests and notifications. */
function envelopeModules(types: Catalogue): Module[] {
  const requests = (name: string, entries: Catalogue['requests']): Module => ({
    name,
    v2: false,
    type: entries
      .map(([method, entry]) => `{ "method": "${method}", id: RequestId, ${paramsText(entry)}, }`)
      .join(' | '),
    uses: [
      referenceTo('RequestId'),
      ...entries.flatMap(([, { params }]) => (params?.$id ? [referenceTo(params.$id)] : [])),
    ],
  });
  const noted = types.notifications.map(
    ([method, { $id = '' }]) => `{ "method": "${method}", "params": ${referenceTo($id).name} }`,
  );
  const uses = types.notifications.map(([, { $id = '' }]) => referenceTo($id));
  const all = noted.join(' | ');
  return [
    requests('ClientRequest', types.requests),
    requests('ServerRequest', types.serverRequests),
    { name: 'ClientNotification', v2: false, type: '{ "method": "initialized" }', uses: [] },
    { name: 'ServerNotification', v2: false, type: all, uses },
    { name: 'ServerNotificationEnvelope', v2: false, type: `{ emittedAtMs?: number, } & (${all})`, uses },
  ];
}

function paramsText({ params, optional }: Catalogue['requests'][number][1]): string {
  if (params?.$id === undefined) return 'params: undefined';
  const { name } = referenceTo(params.$id);
  return optional ? `params?: ${name} | null` : `params: ${name}`;
}

// ---- types ----

function typeText(shape: Shape, types: Catalogue): string {
  const inner = (of: Shape): string => typeText(of, types);
  switch (shape.kind) {
    case 'json':
      return 'JsonValue';
    case 'unit':
      return 'null';
    case 'boolean':
      return 'boolean';
    case 'float':
    case 'integer':
      return 'number';
    case 'string':
      return 'string';
    case 'enum':
      return shape.values.map((value) => `"${value}"`).join(' | ');
    case 'nullable':
      return `${inner(shape.of)} | null`;
    case 'list':
      return `Array<${inner(shape.of)}>`;
    case 'dict':
      return dictText(shape.of, types);
    case 'ref':
      return typescriptInline.has(shape.name) ? inner(shapeOf(shape.name, types)) : referenceTo(shape.name).name;
    case 'struct':
      return structText(shape, types);
    case 'tagged':
      return Object.entries(shape.variants)
        .filter(([, variant]) => types.experimental || !variant.gated)
        .map(([word, { of }]) => variantText(shape.tag, word, of, types))
        .join(' | ');
    case 'choice':
      return choiceText(shape, types);
    case 'untagged':
      return shape.of.map(inner).join(' | ');
  }
}

const dictText = (of: Shape, types: Catalogue): string => `{ [key in string]?: ${typeText(of, types)} }`;

/** `extra` is a member that comes first (the tag of a union). */
function structText(shape: StructShape, types: Catalogue, extra: readonly string[] = []): string {
  const fields = Object.entries(shape.fields).filter(([, field]) => types.experimental || !field.gated);
  const members = [...extra, ...fields.map(([key, field]) => `${property(key)}${fieldText(field, types)}`)];
  const own = members.length === 0 ? 'Record<string, never>' : `{ ${members.join(', ')}, }`;
  const others = (shape.flatten ?? []).map((flat) => `(${typeText(flat, types)})`);
  if (others.length === 0) return own;
  return members.length === 0 ? others.join(' & ') : [own, ...others].join(' & ');
}

/** The text after a member's name: the optional mark and the type. */
function fieldText(field: FieldShape, types: Catalogue): string {
  const type = typeText(field.of, types);
  switch (field.presence) {
    case 'required':
    case 'defaulted':
      return `: ${type}`;
    case 'nullish':
      return `: ${type} | null`;
    case 'optional':
    case 'patch':
      return `?: ${type} | null`;
    case 'omitted':
    case 'omittable':
      return `?: ${type}`;
  }
}

function variantText(tag: string, word: string, of: Shape | null, types: Catalogue): string {
  const discriminator = `"${tag}": "${word}"`;
  if (of === null) return `{ ${discriminator} }`;
  if (of.kind !== 'struct') return `{ ${discriminator} } & ${typeText(of, types)}`;
  return structText(of, types, [discriminator]);
}

function choiceText(shape: Extract<Shape, { kind: 'choice' }>, types: Catalogue): string {
  const variants = Object.entries(shape.variants).filter(([, { insteadOf }]) => insteadOf === undefined);
  const texts = variants.map(([word, { of }]) => (of === null ? `"${word}"` : `{ "${word}": ${typeText(of, types)} }`));
  return (shape.open ? [...texts, 'string', '{ [key: string]: unknown }'] : texts).join(' | ');
}

const property = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : `"${key}"`);

// ---- files ----

function usesOf(shape: Shape, types: Catalogue): Reference[] {
  const named = references(shape, types.experimental).flatMap((name) =>
    typescriptInline.has(name) ? usesOf(shapeOf(name, types), types) : [referenceTo(name)],
  );
  return mentionsJson(shape, types) ? [...named, { name: JSON_REFERENCE, v2: false }] : named;
}

const mentionsJson = (shape: Shape, types: Catalogue): boolean => /\bJsonValue\b/.test(typeText(shape, types));

function referenceTo(name: string): Reference {
  return { name: typescriptNames[name] ?? name, v2: !typescriptRoot.has(name) };
}

function shapeOf(name: string, types: Catalogue): Shape {
  const node = types.types.get(name);
  if (node === undefined) throw new Error(`the type ${name} is mentioned and not known`);
  return node.shape;
}

const fileOf = ({ name, v2 }: Reference): string => (v2 ? `v2/${name}` : name);

function moduleText(module: Module): string {
  const others = new Map(module.uses.filter((use) => fileOf(use) !== fileOf(module)).map((use) => [fileOf(use), use]));
  const imports = [...others.values()]
    .map((use) => ({ name: use.name, from: importPath(module, use) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1))
    .map(({ name, from }) => `import type { ${name} } from "${from}";\n`);
  const gap = imports.length === 0 ? '' : '\n';
  return `${HEADER}${imports.join('')}${gap}export type ${module.name} = ${module.type};\n`;
}

function importPath(from: Reference, to: Reference): string {
  if (to.name === JSON_REFERENCE) return `${from.v2 ? '..' : '.'}/serde_json/JsonValue`;
  if (from.v2) return to.v2 ? `./${to.name}` : `../${to.name}`;
  return `./${fileOf(to)}`;
}

const exports = (names: readonly string[]): string =>
  [...names]
    .sort()
    .map((name) => `export type { ${name} } from "./${name}";\n`)
    .join('');

/** Throws `Failed to invoke Prettier at BIN` when Prettier does not start. The files are written before. */
function format(prettier: string, files: readonly string[]): void {
  const { error, status, signal } = spawnSync(prettier, ['--write', '--log-level', 'warn', ...files], {
    stdio: 'inherit',
  });
  if (error !== undefined) throw new Error(`Failed to invoke Prettier at ${prettier}`, { cause: error });
  if (status === 0) return;
  throw new Error(`Prettier failed with status ${signal === null ? `exit status: ${status}` : `signal: ${signal}`}`);
}
