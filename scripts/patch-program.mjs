/**
 * Makes dist/patch-program: `apply_patch` as a program on the PATH of commands. The folder is all that a sandbox has to
 * show for it, and it does not depend on the rest of dist.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** Models write all three. */
const NAMES = ['apply_patch', 'applypatch', 'apply-patch'];

/** Options for Node belong to the command's own Node programs, and may name files that cannot be read here. */
const WRAPPER = `#!/bin/sh
# Changes files by a patch, which is the one argument or standard input.
self=$0
while [ -h "$self" ]; do
  link=$(command -p readlink "$self") || break
  case $link in
    /*) self=$link ;;
    *) self=\${self%/*}/$link ;;
  esac
done
unset NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS
[ -x "\${CODEXD_NODE-}" ] || { CODEXD_NODE=node; CODEXD_NODE_WORD=; }
exec "$CODEXD_NODE" \${CODEXD_NODE_WORD-} "\${self%/*}/program.cjs" "$@"
`;

/** The same for cmd.exe and PowerShell. An argument ends there at its first new line, so a patch goes to the input. */
const BATCH = `@echo off
setlocal EnableExtensions DisableDelayedExpansion
for %%v in (NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS) do set "%%v="
if defined CODEXD_NODE if exist "%CODEXD_NODE%" goto run
set "CODEXD_NODE=node"
set "CODEXD_NODE_WORD="
:run
"%CODEXD_NODE%" %CODEXD_NODE_WORD% "%~dp0program.cjs" %*
exit /b %errorlevel%
`;

/** \`BASH_ENV\` names this file. */
const BASH_ENV = `# A login shell has set PATH again: apply_patch is put back. Read by bash only.
case ":\${PATH-}:" in
  *":\${BASH_SOURCE[0]%/*}:"*) ;;
  *) PATH="\${BASH_SOURCE[0]%/*}\${PATH:+:$PATH}" ;;
esac
`;

/**
 * @param {import('esbuild').BuildOptions} options of the package's bundles
 * @param {string} entry
 * @param {string} folder
 */
export async function buildPatchProgram(options, entry, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await esbuild.build({ ...options, entryPoints: [entry], outfile: path.join(folder, 'program.cjs') });
  for (const name of NAMES) {
    fs.writeFileSync(path.join(folder, name), WRAPPER, { mode: 0o755 });
    // cmd.exe finds its labels only in lines that end with both characters.
    fs.writeFileSync(path.join(folder, `${name}.cmd`), BATCH.replaceAll('\n', '\r\n'));
  }
  fs.writeFileSync(path.join(folder, 'bash-env'), BASH_ENV);
}
