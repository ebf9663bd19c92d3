/**
 * The head of a SKILL.md: the part of YAML that such heads use. Values are texts; what YAML would refuse (a colon in an unquoted
 * value, an open bracket) is taken as it stands (spec/services.md §5).
 */
export type FrontMatter = { readonly values: ReadonlyMap<string, string> } | { readonly problem: string };

/** Keys of a nested table are joined with a dot: `metadata.short-description`. */
export function readFrontMatter(text: string): FrontMatter {
  const head = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(text);
  if (head === null) return { problem: 'missing YAML frontmatter delimited by ---' };
  const lines = (head[1] ?? '').split(/\r?\n/);
  if (lines.find((line) => line.trim() !== '')?.startsWith('- ') === true) {
    return { problem: 'invalid YAML: invalid type: sequence, expected struct SkillFrontmatter' };
  }
  return { values: readMapping(lines) };
}

function readMapping(lines: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  let table = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const [, indent = '', key = '', rest = ''] = /^([ \t]*)([\w.-]+)[ \t]*:(?:[ \t]+(.*))?$/.exec(line) ?? [];
    if (key === '') continue;
    if (indent === '') table = '';
    const deeper: string[] = [];
    while (isDeeper(lines[index + 1], indent)) deeper.push(lines[++index] ?? '');
    const value = rest.trim();
    if (/^[|>][+-]?\d*$/.test(value)) {
      values.set(table + key, block(deeper, value.startsWith('>')));
    } else if (value !== '') {
      values.set(table + key, scalar([value, ...deeper.map((part) => part.trim())].join(' ').trim()));
    } else if (indent === '') {
      table = `${key}.`;
      index -= deeper.length; // They are the table's own lines.
    }
  }
  return values;
}

/** Whether a line belongs to the value above it: it is indented further, or empty between such lines. */
function isDeeper(line: string | undefined, indent: string): boolean {
  if (line === undefined) return false;
  return line.trim() !== '' && line.length - line.trimStart().length > indent.length;
}

function block(lines: readonly string[], folded: boolean): string {
  const texts = lines.map((line) => line.trim());
  return texts.join(folded ? ' ' : '\n').trim();
}

function scalar(text: string): string {
  const double = /^"((?:[^"\\]|\\.)*)"(?:\s+#.*)?$/.exec(text)?.[1];
  if (double !== undefined) return double.replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);
  const single = /^'((?:[^']|'')*)'(?:\s+#.*)?$/.exec(text)?.[1];
  if (single !== undefined) return single.replaceAll("''", "'");
  return text.replace(/\s+#.*$/, '');
}
