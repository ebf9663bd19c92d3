/**
 * An esbuild plugin: the modules of a bundle share one import of each of Node's builtins.
 *
 * For every `import fs from 'node:fs'`, esbuild copies that module with a getter for each of its names. In a bundle of
 * hundreds of files that takes milliseconds at start. With this plugin each builtin is one module of the bundle, and
 * only the imported names are read from it.
 */
/**
 * Functions that are only called: they load their builtin at their first call, which comes after the start.
 *
 * @type {Record<string, string[]>}
 */
const AT_FIRST_CALL = { 'node:module': ['createRequire'] };

export const nodeOnce = {
  name: 'node-once',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    const namespace = 'node-once';
    build.onResolve({ filter: /^node:/ }, (/** @type {import('esbuild').OnResolveArgs} */ { path, kind }) =>
      kind === 'import-statement' ? { path, namespace, sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /./, namespace }, async (/** @type {import('esbuild').OnLoadArgs} */ { path: name }) => {
      const names = Object.keys(await import(name)).filter((exported) => /^(?!default$)[\w$]+$/.test(exported));
      const builtin = `require("${name}")`;
      const values = names.map((exported) =>
        AT_FIRST_CALL[name]?.includes(exported)
          ? `(...args) => ${builtin}.${exported}(...args)`
          : `/* @__PURE__ */ read("${exported}")`,
      );
      const contents = [
        `const load = () => ${builtin};const read = (name) => load()[name];`,
        ...values.map((value, i) => `const v${i} = ${value};`),
        `const whole = /* @__PURE__ */ load();`,
        `export { whole as default, ${names.map((exported, i) => `v${i} as ${exported}`).join(', ')} };`,
      ].join('');
      return { contents, loader: 'js' };
    });
  },
};
