// Not in test:quick: generated plans are asked under a hundred readings.
import fc from 'fast-check';
import t from 'tap';
import { seatbeltPolicy } from '../../../server/sandbox/macos/seatbelt.js';
import type { PlannedMount, SandboxPlan } from '../../../server/sandbox/policy/policy.js';
import { can, canLink, canRename, canSomehow, evaluate, READINGS, type FileAct, type Policy } from './evaluator.js';

/** Generated plans: the policy's text means what the plan means, under every reading. */

const NAMES = ['a', 'b.git', 'Ks', 'x y', 'ß'] as const;
const place = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 })
  .map((names) => `/Users/${names.join('/')}`);
const KINDS = ['readable', 'writable', 'hidden', 'empty', 'privateFolder', 'listed', 'missing'] as const;

/** Those that differ in what they say about files. */
const OF_FILES = READINGS.filter(({ localhost }) => localhost.length === 1);
const OF_ONE_FILE = OF_FILES.filter(({ linkBy }) => linkBy === 'source');

interface Case {
  readonly plan: SandboxPlan;
  readonly places: readonly string[];
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    base: fc.constantFrom('readable', 'writable', 'bare', 'unrestricted'),
    mounts: fc.uniqueArray(fc.tuple(place, fc.constantFrom(...KINDS)), { selector: ([path]) => path, maxLength: 7 }),
    unwanted: fc.array(place, { maxLength: 1 }),
    others: fc.array(place, { minLength: 3, maxLength: 6 }),
  })
  .map(({ base, mounts, unwanted, others }) => {
    const paths = mounts.map(([path]) => path);
    // Nothing is in a place that does not exist, and nothing in a hidden one has a rule.
    const closed = mounts.flatMap(([path, kind]) => (['missing', 'empty', 'hidden'].includes(kind) ? [path] : []));
    const kept = mounts.filter(([path]) => !closed.some((other) => path.startsWith(`${other}/`)));
    const planned = kept
      .map(([path, kind]) => mount(path, kind))
      .sort((one, other) => (one.path < other.path ? -1 : 1));
    const new_ = unwanted.filter((path) => !paths.some((other) => other === path || other.startsWith(`${path}/`)));
    return {
      plan: {
        base,
        mounts: planned,
        placeholders: kept.flatMap(([path, kind]) => (kind === 'missing' ? [path] : [])),
        workingFolder: '/',
        writable: [],
        unwanted: new_.filter((path) => !closed.some((other) => path.startsWith(`${other}/`))),
        sees: () => true,
      },
      places: [...new Set([...others, ...paths, ...paths.map((path) => `${path}/in`), ...new_])],
    };
  });

function mount(path: string, kind: (typeof KINDS)[number]): PlannedMount {
  switch (kind) {
    case 'hidden':
      return { kind, path, of: 'folder' };
    case 'missing':
      return { kind: 'empty', path };
    case 'listed':
      return { kind: 'privateFolder', path, listable: true };
    case 'privateFolder':
      return { kind, path, listable: false };
    default:
      return { kind, path };
  }
}

interface Meaning {
  readonly reads: boolean;
  readonly writes: boolean;
  readonly stays: boolean;
}

/** What the plan itself says, as mounts would enforce it. */
function meaning({ base, mounts, unwanted }: SandboxPlan, place: string): Meaning {
  const inside = (folder: string): boolean => place === folder || place.startsWith(`${folder}/`);
  const nearest = mounts.filter(({ path }) => inside(path)).at(-1);
  const kind = unwanted.some(inside) ? 'hidden' : (nearest?.kind ?? base);
  const listed = nearest?.kind === 'privateFolder' && nearest.listable && nearest.path === place;
  return {
    reads: ['readable', 'writable', 'unrestricted'].includes(kind) || (listed && kind === 'privateFolder'),
    writes: ['writable', 'unrestricted'].includes(kind),
    stays: mounts.some(({ path }) => path === place || path.startsWith(`${place}/`)),
  };
}

const wanted = (place: string, plan: SandboxPlan): readonly (readonly [FileAct, boolean])[] => {
  const { reads, writes, stays } = meaning(plan, place);
  return [
    ['read', reads],
    ['change', writes],
    ['remove', writes && !stays],
    ['run', reads && !plan.mounts.some((mount) => mount.path === place && mount.kind === 'privateFolder')],
  ];
};

const fits = (policy: Policy, act: FileAct, place: string, allowed: boolean): boolean =>
  allowed ? can(policy, act, place) : act === 'read' ? !can(policy, act, place) : !canSomehow(policy, act, place);

t.test('every reading of the text gives what the plan means', async (t) => {
  fc.assert(
    fc.property(cases, ({ plan, places }) => {
      const text = seatbeltPolicy(plan, { network: { kind: 'offline' }, mark: null });
      for (const reading of OF_ONE_FILE) {
        const policy = evaluate(text, reading);
        for (const place of places)
          for (const [act, allowed] of wanted(place, plan))
            if (!fits(policy, act, place, allowed))
              throw new Error(`${act} ${place} must be ${allowed}: ${JSON.stringify({ reading, plan }, null, 1)}`);
      }
    }),
    { numRuns: 100 },
  );
  t.pass('for all plans');
});

t.test('no rename and no link takes a file out of its rules', async (t) => {
  fc.assert(
    fc.property(cases, ({ plan, places }) => {
      const text = seatbeltPolicy(plan, { network: { kind: 'offline' }, mark: null });
      for (const reading of OF_FILES) {
        const policy = evaluate(text, reading);
        for (const from of places)
          for (const to of places) {
            const { writes, stays } = meaning(plan, from);
            if (canRename(policy, from, to) && (!writes || stays || !meaning(plan, to).writes))
              throw new Error(`rename ${from} ${to}: ${JSON.stringify({ reading, plan }, null, 1)}`);
            if (canLink(policy, reading, from, to)) throw new Error(`link ${from} ${to}`);
          }
      }
    }),
    { numRuns: 60 },
  );
  t.pass('for all plans');
});

t.test('the readings find what is written for one of them only', async (t) => {
  const answers = (rules: string, path: string): ReadonlySet<boolean> =>
    new Set(READINGS.map((reading) => can(evaluate(`(version 1) (deny default) ${rules}`, reading), 'change', path)));
  t.equal(answers('(allow file-write* (subpath "/w"))', '/w').size, 2, 'subpath alone');
  t.equal(answers('(allow file-write* (regex #"^/w")) (deny file-write* (regex #"^/w/x"))', '/w/x').size, 2, 'order');
  t.equal(answers('(allow file-write* (literal "/w/x"))', '/w/x').size, 2, 'one name of two');
  for (const text of ['(allow file-write* (subpath "/w")', '(allow (subpath "/w"))', '(allow frobnicate)', ')'])
    t.throws(() => evaluate(`(version 1) (deny default) ${text}`, READINGS[0] as (typeof READINGS)[number]));
});
