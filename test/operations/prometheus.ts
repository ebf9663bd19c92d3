/**
 * A strict reader of Prometheus' text format 0.0.4: what `promtool check metrics` looks for, and what a scrape refuses.
 */

export interface Family {
  readonly type: string;
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)$/;

/** By name; samples by `{label="value"}`, empty where there are none. Throws Error with the line. */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { help: string; type: string; samples: Map<string, number> }>();
  let current: string | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (!NAME.test(name) || families.has(name) || !rest.trim()) fail('a wrong or second HELP');
      families.set(name, { help: rest, type: '', samples: new Map() });
      current = name;
    } else if (kind === 'TYPE') {
      const family = families.get(name);
      if (family === undefined || family.type || name !== current) fail('TYPE without its HELP');
      if (rest !== 'counter' && rest !== 'gauge') fail('an unknown type');
      if ((rest === 'counter') !== name.endsWith('_total')) fail('a counter is called _total, and nothing else is');
      family!.type = rest;
    } else {
      const [, sample, labels = '', value = ''] = SAMPLE.exec(line) ?? fail('no sample');
      const family = families.get(sample ?? '');
      if (sample !== current || family === undefined || !family.type) fail('a sample outside of its family');
      if (!/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(value)) fail('no number');
      if (family!.type === 'counter' && Number(value) < 0) fail('a negative counter');
      if (family!.samples.has(labels)) fail('a sample twice');
      family!.samples.set(labels, Number(value));
    }
  }
  return families;
}
