/**
 * An esbuild plugin: of vscode-jsonrpc the daemon gets only the connection. The package's entry would add readers and
 * writers of streams, a third of the package, which the daemon does not use: it has its own channels for messages.
 * @param {string} root
 */
export const jsonrpcConnection = (root) => ({
  name: 'jsonrpc-connection',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    const namespace = 'jsonrpc-connection';
    build.onResolve({ filter: /^vscode-jsonrpc$/ }, (/** @type {import('esbuild').OnResolveArgs} */ { path }) => ({
      path,
      namespace,
    }));
    build.onLoad({ filter: /./, namespace }, () => ({ contents: CONTENTS, resolveDir: root, loader: 'js' }));
  },
});

const CONTENTS = `
exports.createMessageConnection = require('./node_modules/vscode-jsonrpc/lib/common/connection.js').createMessageConnection;
exports.ResponseError = require('./node_modules/vscode-jsonrpc/lib/common/messages.js').ResponseError;
exports.RAL = require('./node_modules/vscode-jsonrpc/lib/common/ral.js').default;
`;
