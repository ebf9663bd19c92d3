/** `console/link`: codexd's own method (docs/protocol-extensions.md). */
import { defineMethods } from '../rpc/connection/define-methods.js';
import type { RpcServer } from '../rpc/server.js';

export const consoleMethods = defineMethods((rpc: Pick<RpcServer, 'consoleLinks'>) => ({
  'console/link': (_params, caller) => ({ links: [...rpc.consoleLinks(caller)] }),
}));
