import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { WORKSPACE_WRITE, type PermissionProfile } from '../../../server/config/permissions/permission-profile.js';
import { newTable } from '../../../server/config/toml/value.js';
import { agentsMdSources, agentsMdText, readAgentsMd } from '../../../server/sessions/context/agents-md.js';
import type { TomlTable } from '../../../server/config/toml/value.js';

const GIT = { 'work/.git/HEAD': 'ref: refs/heads/main\n' };

/** Reads in a new folder; the paths in the result are relative to it. */
function setup(t: Test, files: Readonly<Record<string, string | Buffer>>, config: TomlTable = {}, cwd = 'work/a/b') {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agents-md-')));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const folder of ['home', 'work/a/b']) fs.mkdirSync(path.join(root, folder), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
  const folder = path.join(root, cwd);
  const table = Object.assign(newTable(), config);
  const found = readAgentsMd({
    cwd: folder,
    codexHome: path.join(root, 'home'),
    table,
    profile: WORKSPACE_WRITE,
    denials: [],
    workspaceRoots: [],
  });
  return {
    sources: agentsMdSources(found).map((file) => path.relative(root, file)),
    text: agentsMdText(found, folder)?.replaceAll(root, '') ?? null,
    warnings: found.warnings.map((warning) => warning.replaceAll(`${root}/`, '')),
  };
}
type Test = { teardown(fn: () => void): unknown };

t.test('the files that count, and their order', (t) => {
  const rows: readonly [files: Record<string, string>, sources: string[], why: string, config?: TomlTable][] = [
    [{}, [], 'none'],
    [
      { ...GIT, 'home/AGENTS.md': 'G', 'work/AGENTS.md': 'R', 'work/a/b/AGENTS.md': 'B' },
      ['home/AGENTS.md', 'work/AGENTS.md', 'work/a/b/AGENTS.md'],
      'everywhere first, then from the root down',
    ],
    [
      { 'work/AGENTS.md': 'R', 'work/a/b/AGENTS.md': 'B' },
      ['work/a/b/AGENTS.md'],
      'outside of a project: the folder alone',
    ],
    [
      { ...GIT, 'work/a/AGENTS.md': ' \n', 'work/a/b/AGENTS.md': 'B' },
      ['work/a/b/AGENTS.md'],
      'a blank file says nothing',
    ],
    [
      { ...GIT, 'work/a/AGENTS.override.md': 'O', 'work/a/AGENTS.md': 'A' },
      ['work/a/AGENTS.override.md'],
      'an override takes the place of its neighbour',
    ],
    [
      { ...GIT, 'work/a/AGENTS.override.md': ' ', 'work/a/AGENTS.md': 'A', 'home/AGENTS.override.md': 'O' },
      ['home/AGENTS.override.md'],
      'also a blank one, and in the home',
    ],
    [
      { ...GIT, 'work/X.md': 'x', 'work/a/AGENTS.md': 'A', 'work/a/X.md': 'x' },
      ['work/X.md', 'work/a/AGENTS.md'],
      'fallback names where there is no other',
      { project_doc_fallback_filenames: ['X.md'] },
    ],
    [{ ...GIT, 'work/X.md': 'x' }, [], 'and only where they are configured'],
    [
      { ...GIT, 'home/AGENTS.md': 'G', 'work/AGENTS.md': 'R' },
      ['home/AGENTS.md'],
      'a budget of 0 turns the project off',
      { project_doc_max_bytes: 0 },
    ],
    [
      { 'work/.root': '', 'work/AGENTS.md': 'R' },
      ['work/AGENTS.md'],
      'a marker of the user',
      { project_root_markers: ['.root'] },
    ],
  ];
  for (const [files, sources, why, config] of rows) t.strictSame(setup(t, files, config).sources, sources, why);
  t.end();
});

t.test('the text that the model reads', (t) => {
  const both = setup(t, { ...GIT, 'home/AGENTS.md': '\nG\n', 'work/AGENTS.md': 'R\n', 'work/a/AGENTS.md': ' A ' });
  t.equal(
    both.text,
    '# AGENTS.md instructions for /work/a/b\n\n<INSTRUCTIONS>\nG\n\n--- project-doc ---\n\nR\n\n\n A \n</INSTRUCTIONS>',
  );
  t.equal(setup(t, { 'home/AGENTS.md': 'G' }).text, '# AGENTS.md instructions\n\n<INSTRUCTIONS>\nG\n</INSTRUCTIONS>');
  t.equal(setup(t, {}).text, null);
  t.end();
});

t.test('the files of the project share a budget, and cuts are reported', (t) => {
  const files = {
    ...GIT,
    'home/AGENTS.md': 'G'.repeat(99),
    'work/AGENTS.md': 'éé',
    'work/a/AGENTS.md': 'ab€',
    'work/a/b/AGENTS.md': 'B',
  };
  const cut = setup(t, files, { project_doc_max_bytes: 6 });
  t.strictSame(cut.sources, ['home/AGENTS.md', 'work/AGENTS.md', 'work/a/AGENTS.md']);
  t.match(cut.text, /éé\n\nab\n/);
  t.match(cut.warnings, [
    /^Only 2 of the 5 bytes of work\/a\/AGENTS\.md/,
    /^work\/a\/b\/AGENTS\.md and what lies below/,
  ]);
  const inside = setup(t, files, { project_doc_max_bytes: 8 });
  t.match(inside.text, /\n\nab\n/, 'a character is not cut in two');
  t.end();
});

t.test(
  'an unreadable file is omitted with a warning',
  { skip: process.getuid?.() === 0 && 'root reads everything' },
  (t) => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'agents-md-'));
    t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
    fs.writeFileSync(path.join(root, 'AGENTS.md'), 'x', { mode: 0o000 });
    const found = readAgentsMd({
      cwd: root,
      codexHome: '/nowhere',
      table: newTable(),
      profile: WORKSPACE_WRITE,
      denials: [],
      workspaceRoots: [],
    });
    t.strictSame(found.project, []);
    t.match(found.warnings, [/could not be read/]);
    t.end();
  },
);

t.test('a folder with the name is not a file', (t) => {
  t.strictSame(setup(t, { ...GIT, 'work/AGENTS.md/x': '' }).sources, []);
  t.end();
});

t.test('a link in a project leads only to files that commands can read', (t) => {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agents-md-')));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const files: Readonly<Record<string, string>> = {
    'home/auth.json': 'TOKEN',
    'elsewhere/notes.md': 'NOTES',
    'work/CLAUDE.md': 'CLAUDE',
    'work/private/secret': 'SECRET',
  };
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
  const denying: PermissionProfile = {
    ...WORKSPACE_WRITE,
    filesystem: {
      kind: 'restricted',
      globScanMaxDepth: null,
      entries: [
        { target: { kind: 'root' }, access: 'read' },
        { target: { kind: 'workspaceRoots', subpath: 'private' }, access: 'deny' },
      ],
    },
  };
  const work = path.join(root, 'work');
  const link = path.join(work, 'AGENTS.md');
  const rows: readonly (readonly [string, PermissionProfile, string | null, string])[] = [
    ['../home/auth.json', WORKSPACE_WRITE, null, 'no command sees what is in the Codex home'],
    ['../elsewhere/notes.md', WORKSPACE_WRITE, 'NOTES', 'commands can read it themselves'],
    ['CLAUDE.md', WORKSPACE_WRITE, 'CLAUDE', 'another name for the same'],
    ['private/secret', denying, null, 'denied'],
    ['CLAUDE.md', denying, null, 'what is denied only the sandbox knows'],
  ];
  for (const [target, profile, text, why] of rows) {
    fs.rmSync(link, { force: true });
    fs.symlinkSync(target, link);
    const found = readAgentsMd({
      cwd: work,
      codexHome: path.join(root, 'home'),
      table: newTable(),
      profile,
      denials: [],
      workspaceRoots: [],
    });
    t.equal(found.project[0]?.text ?? null, text, `${target}: ${why}`);
    t.equal(found.warnings.length, text === null ? 1 : 0);
  }
  fs.rmSync(link);
  fs.writeFileSync(link, 'plain');
  const plain = readAgentsMd({
    cwd: work,
    codexHome: path.join(root, 'home'),
    table: newTable(),
    profile: denying,
    denials: [],
    workspaceRoots: [],
  });
  t.equal(plain.project[0]?.text, 'plain', 'a file of its own always counts');
  t.end();
});

t.test('a byte order mark is no part of the text, and UTF-16 is read', (t) => {
  const files = {
    ...GIT,
    'home/AGENTS.md': '\ufeffEVERYWHERE',
    'work/AGENTS.md': Buffer.from('\ufeffGrüße', 'utf16le'),
    'work/a/AGENTS.md': '\ufeffINNER',
  };
  const { text } = setup(t, files);
  t.match(text, /EVERYWHERE[\s\S]*Grüße[\s\S]*INNER/);
  t.notMatch(text, /\ufeff|\0/);
  t.end();
});
