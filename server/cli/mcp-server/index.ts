/**
 * The entry of `codexd mcp-server`. scripts/build.mjs makes a separate bundle of it: the SDK's server and the client
 * library are in no other start of the program.
 */
export { runMcpServer } from './run-mcp-server.js';
