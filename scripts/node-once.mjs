/**
 * An esbuild plugin: the modules of a bundle share one import of each of Node's builtins.
 *
 * Of every `import fs from 'node:fs'`, esbuild makes a copy of that module with a getter for each of its names. In a
 * bundle of hundreds of files that takes milliseconds at start. Here each builtin is one module of the bundle, from
 * which only the names that somebody imports are read.
 */
export const nodeOnce = {
  name: 'node-once',
  setup(build) {
    const namespace = 'node-once';
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace, sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /./, namespace }, async ({ path: name }) => {
      const names = Object.keys(await import(name)).filter((exported) => /^(?!default$)[\w$]+$/.test(exported));
      const reads = names.map((exported, i) => `const v${i} = /* @__PURE__ */ read("${exported}");`);
      const exports = names.map((exported, i) => `v${i} as ${exported}`);
      const contents = `const builtin = require("${name}");const read = (name) => builtin[name];${reads.join('')}export { builtin as default, ${exports.join(', ')} };`;
      return { contents, loader: 'js' };
    });
  },
};
