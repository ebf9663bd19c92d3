import { createRequire } from 'node:module';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { explain } from '../../schema/shape/explain.js';
import { families, INLINE_FAMILY } from '../../schema/families.js';
import type { Definitions, FieldShape, Shape } from '../../schema/shape/wire-shape.js';
import { integerLimits } from '../../schema/shape/integers.js';
import { packageRoot } from '../../server/package/package-root.js';

/** Values that fit a shape, written as clients write them. */
function fitting(shape: Shape, definitions: Definitions, depth = 0): fc.Arbitrary<unknown> {
  const inner = (of: Shape): fc.Arbitrary<unknown> => fitting(of, definitions, depth + 1);
  switch (shape.kind) {
    case 'json':
      return fc.jsonValue({ maxDepth: 1 });
    case 'unit':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'float':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'integer': {
      const { min, max } = integerLimits[shape.width];
      return fc.integer({ min: Math.max(min, -(2 ** 31)), max: Math.min(max, 2 ** 31 - 1) });
    }
    case 'string':
      return text(shape.format);
    case 'enum':
      return fc.constantFrom(...shape.values);
    case 'nullable':
      return fc.oneof(fc.constant(null), inner(shape.of));
    case 'list':
      return fc.array(inner(shape.of), { maxLength: depth > 4 ? 1 : 2 });
    case 'dict':
      return fc.dictionary(fc.stringMatching(/^k[a-z]{0,3}$/), inner(shape.of), { maxKeys: 2 });
    case 'struct': {
      const members = Object.entries(shape.fields);
      const own = fc.record(
        Object.fromEntries(members.map(([key, field]) => [key, member(field, definitions, depth)])),
        {
          requiredKeys: members.filter(([, field]) => field.presence === 'required').map(([key]) => key),
          noNullPrototype: true,
        },
      );
      return fc
        .tuple(own, ...(shape.flatten ?? []).map(inner))
        .map((parts) => Object.assign({}, ...[...parts].reverse()));
    }
    case 'tagged':
      return fc.oneof(
        ...Object.entries(shape.variants).map(([word, { of }]) =>
          (of === null ? fc.constant({}) : inner(of)).map((content) => ({ [shape.tag]: word, ...(content as object) })),
        ),
      );
    case 'choice': {
      const today = Object.entries(shape.variants).filter(([, { insteadOf }]) => insteadOf === undefined);
      return fc.oneof(
        ...today.map(([word, { of }]) =>
          of === null ? fc.constant(word) : inner(of).map((content) => ({ [word]: content })),
        ),
      );
    }
    case 'untagged':
      return fc.oneof(...shape.of.map(inner));
    case 'ref': {
      const target = definitions[shape.name];
      if (target === undefined) throw new Error(`${shape.name} is not defined`);
      return inner(target);
    }
  }
}

function member(field: FieldShape, definitions: Definitions, depth: number): fc.Arbitrary<unknown> {
  const value = fitting(field.of, definitions, depth + 1);
  return ['optional', 'nullish', 'omitted', 'patch'].includes(field.presence)
    ? fc.oneof(fc.constant(null), value)
    : value;
}

function text(format: string | undefined): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'absolutePath' || format === 'pathUri') return fc.string().map((tail) => `/${tail}`);
  return fc.string({ minLength: format === 'nonEmpty' ? 1 : 0 });
}

/** Something that may or may not fit: a fitting value with one part of it replaced. */
function damaged(value: unknown, index: number, by: unknown): unknown {
  const places: (() => void)[] = [];
  const copy = structuredClone(value);
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      const holder = node as Record<string, unknown>;
      visit(holder[key]);
      places.push(() => (holder[key] = by));
    }
  };
  visit(copy);
  if (places.length === 0) return by;
  places[index % places.length]?.();
  return copy;
}

type Validator = (value: unknown) => boolean;
const require = createRequire(import.meta.url);
const load = (family: string): Record<string, Validator> =>
  require(path.join(packageRoot(), 'dist', 'validators', `${family}.cjs`)) as Record<string, Validator>;

/** A fixed seed: what fails once fails again. */
const SEED = 20_169;
const RUNS = 25;

const compiled = families().filter(({ name }) => name !== INLINE_FAMILY);
for (const { name, methods, definitions } of compiled) {
  t.test(`${name}: the compiled validators and the explaining decoder give the same result`, async (t) => {
    const validators = load(name);
    for (const [method, shape] of Object.entries(methods)) {
      const validate = validators[method];
      if (validate === undefined) return t.fail(`${method} has no validator`);
      const junk = fc.oneof(
        fc.constantFrom(null, true, -1, 1.5, '', 'x'),
        fc.constant([]),
        fc.constant({}),
        fc.constant([5]),
      );
      const property = fc.property(fitting(shape, definitions), fc.nat(), junk, (value, index, by) => {
        const slow = explain(shape, structuredClone(value), definitions);
        if (!slow.ok) throw new Error(`${method} refuses a fitting value: ${slow.message}`);
        const fast = structuredClone(value);
        // What the validator lets through is exactly what the decoder makes of it; what it refuses goes to the decoder.
        if (validate(fast)) t.same(fast, slow.value);
        const broken = damaged(value, index, structuredClone(by));
        const explained = explain(shape, structuredClone(broken), definitions);
        if (validate(structuredClone(broken)) && !explained.ok)
          throw new Error(`${method} lets through: ${explained.message}`);
      });
      fc.assert(property, { seed: SEED, numRuns: RUNS });
      t.pass(method);
    }
    return undefined;
  });
}
