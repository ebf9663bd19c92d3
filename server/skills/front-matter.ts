/**
 * The front matter of a SKILL.md: the part of YAML that such heads use. Values are texts. Text that YAML would refuse
 * (a colon in an unquoted value, an open bracket) is used unchanged (docs/protocol/services.md §5).
 */
export type FrontMatter = { readonly values: ReadonlyMap<string, string> } | { readonly problem: string };

/** In characters. The rest of a longer line is ignored. */
const LINE_LIMIT = 4096;

/** Keys of a nested table are joined with a dot: `metadata.short-description`. */
export function readFrontMatter(text: string): FrontMatter {
  const all = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, LINE_LIMIT));
  const end = isFence(all[0]) ? all.findIndex((line, n) => n > 0 && isFence(line)) : -1;
  if (end === -1) return { problem: 'missing YAML frontmatter delimited by ---' };
  const lines = all.slice(1, end);
  if (lines.find((line) => line.trim() !== '')?.startsWith('- ') === true) {
    return { problem: 'invalid YAML: invalid type: sequence, expected struct SkillFrontmatter' };
  }
  return { values: readMapping(lines) };
}

const isFence = (line: string | undefined): boolean => line?.startsWith('---') === true && isBlank(line.slice(3));
const isBlank = (text: string): boolean => /^[ \t]*$/.test(text);

/** `key: value` with the indentation before the key. Null for any other line. */
function keyLine(line: string): { readonly indent: string; readonly key: string; readonly rest: string } | null {
  const indent = line.slice(0, line.length - line.trimStart().length);
  const colon = line.indexOf(':');
  const key = line.slice(indent.length, Math.max(colon, indent.length)).trimEnd();
  const rest = line.slice(colon + 1);
  if (colon === -1 || !isBlank(indent) || !/^[\w.-]+$/.test(key)) return null;
  return rest === '' || isBlank(rest[0] ?? '') ? { indent, key, rest } : null;
}

function readMapping(lines: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  let table = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const found = keyLine(line);
    if (found === null) continue;
    const { indent, key, rest } = found;
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
      index -= deeper.length; // The lines of the table are handled with the table.
    }
  }
  return values;
}

/** Whether a line continues the value above: it is indented further, or it is empty between such lines. */
function isDeeper(line: string | undefined, indent: string): boolean {
  if (line === undefined) return false;
  return line.trim() !== '' && line.length - line.trimStart().length > indent.length;
}

function block(lines: readonly string[], folded: boolean): string {
  const texts = lines.map((line) => line.trim());
  return texts.join(folded ? ' ' : '\n').trim();
}

function scalar(text: string): string {
  const bare = withoutComment(text);
  const double = /^"((?:[^"\\]|\\.)*)"$/.exec(bare)?.[1];
  if (double !== undefined) return double.replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);
  const single = /^'((?:[^']|'')*)'$/.exec(bare)?.[1];
  if (single !== undefined) return single.replaceAll("''", "'");
  return bare;
}

/** A comment begins with `#` after a space, outside of quotes. */
function withoutComment(text: string): string {
  for (let at = text.indexOf('#', endOfQuotes(text)); at > 0; at = text.indexOf('#', at + 1)) {
    if (/\s/.test(text[at - 1] ?? '')) return text.slice(0, at).trimEnd();
  }
  return text;
}

/** The end of a quoted text. 0 for any other text. */
function endOfQuotes(text: string): number {
  const [quote = ''] = text;
  if (quote !== '"' && quote !== "'") return 0;
  for (let at = 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote && quote === "'" && text[at + 1] === "'") at++;
    else if (text[at] === quote) return at + 1;
  }
  return 0;
}
