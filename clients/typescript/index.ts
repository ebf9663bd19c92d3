/** The typed client of codexd and of every server that speaks its protocol. Each transport has one connect function. */
export { connectStdio, type StdioOptions } from './stdio.js';
export { connectWebSocket, type WebSocketOptions } from './websocket.js';
export { connectUnixSocket, type UnixSocketOptions } from './unix-socket.js';
export { runCommand, type CommandHandle, type RunCommandOptions } from './run-command.js';
export * from './public.js';
