/** Clients of gRPC without TLS: one of HTTP/2 alone, and the library @grpc/grpc-js with each of its resolvers. */
import http2 from 'node:http2';
import type { Test } from 'tap';
import { installed } from '../fixtures/real-clients.js';
import { listening, type RealProgram } from './programs.js';

/** A gRPC server is one of HTTP/2: frames of length-prefixed messages, and its status in the trailers. */
function grpcServer(t: Test): Promise<number> {
  const server = http2.createServer();
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from('reached')]));
  });
  return listening(t, server);
}

const PLAIN_CLIENT = (host: string, port: number): string => `
  const session = require("node:http2").connect("http://${host}:${port}");
  session.on("error", (error) => { console.error(error.message, error.code); process.exitCode = 1; });
  const call = session.request({ ":method": "POST", ":path": "/test.Echo/Say", "content-type": "application/grpc", te: "trailers" });
  call.on("error", (error) => console.error(error.message, error.cause?.code));
  call.on("data", (piece) => console.log(piece.subarray(5).toString()));
  let status;
  call.on("trailers", (all) => { status = all["grpc-status"]; session.close(); });
  call.on("close", () => { if (status !== "0") { console.error("closed without a status"); process.exitCode = 1; } });
  call.end(Buffer.from([0, 0, 0, 0, 0]));`;
const plain: RealProgram = {
  name: 'gRPC on HTTP/2 without TLS',
  async prepare(t) {
    const port = await grpcServer(t);
    return (host) => `${process.execPath} -e '${PLAIN_CLIENT(host, port)}'`;
  },
};

const LIBRARY_CLIENT = (library: string, host: string, port: number): string => `
  const { Client, credentials } = require("${library}");
  const client = new Client("${host}:${port}", credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  const bytes = (value) => value;
  client.makeUnaryRequest("/test.Echo/Say", bytes, (piece) => piece.toString(), Buffer.alloc(0), (error, said) => {
    if (error) { console.error("error", error.code, error.details); process.exitCode = 1; } else console.log(said);
    client.close();
  });`;
/** With the resolver of the system, or with the one that speaks DNS itself (c-ares). */
const library = (name: string, variables: string): RealProgram => ({
  name,
  async prepare(t) {
    const found = installed('@grpc', 'grpc-js');
    if (found === null) return '@grpc/grpc-js';
    const port = await grpcServer(t);
    return (host) => `${variables} ${process.execPath} -e '${LIBRARY_CLIENT(found, host, port)}'`;
  },
});

export const GRPC_PROGRAMS: readonly RealProgram[] = [
  plain,
  library('@grpc/grpc-js', 'GRPC_NODE_USE_ALTERNATIVE_RESOLVER=false'),
  library('@grpc/grpc-js with a resolver of its own', 'GRPC_NODE_USE_ALTERNATIVE_RESOLVER=true'),
];
