/**
 * An esbuild plugin: of vscode-jsonrpc, the daemon gets the connection alone. Its entry would bring readers and writers
 * of streams along, a third of the package, which no file of the daemon uses: messages come from and go to channels of
 * our own.
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
