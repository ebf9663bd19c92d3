/** A program of Go, which speaks DNS itself or asks the C library, with plain connections and with net/http. */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { echo, find, folder, listening, run, type RealProgram } from './programs.js';

/** `Transport{}` has no proxy: the default one would take the proxy's variables. */
const SOURCE = `
package main

import ("bufio"; "fmt"; "io"; "net"; "net/http"; "os"; "strings")

func main() {
  say := dial
  if os.Args[1] == "http" { say = get }
  said, err := say(os.Args[2])
  if err != nil { fmt.Fprintln(os.Stderr, "error:", err); os.Exit(1) }
  fmt.Println(said)
}

func dial(to string) (string, error) {
  c, err := net.Dial("tcp", to)
  if err != nil { return "", err }
  in := bufio.NewReader(c)
  if _, err := in.ReadString(10); err != nil { return "", err }
  if _, err := io.WriteString(c, "REACHED"); err != nil { return "", err }
  said, err := io.ReadAll(in)
  return strings.ToLower(string(said)), err
}

func get(from string) (string, error) {
  client := http.Client{Transport: &http.Transport{}}
  answer, err := client.Get("http://" + from + "/")
  if err != nil { return "", err }
  said, err := io.ReadAll(answer.Body)
  return string(said), err
}`;

interface Kind {
  readonly name: string;
  readonly what: 'dial' | 'http';
  /** `go`: its own resolver; `cgo`: that of the C library. */
  readonly resolver: 'go' | 'cgo';
}

const program = ({ name, what, resolver }: Kind): RealProgram => ({
  name,
  async prepare(t) {
    const compiler = find('go', '/usr/local/go/bin/go');
    if (compiler === null) return 'go (package golang-go)';
    if (resolver === 'cgo' && find('gcc') === null) return 'gcc, for cgo of Go';
    const place = folder(t);
    const [source, file] = [path.join(place, 'plain.go'), path.join(place, 'plain')];
    fs.writeFileSync(source, SOURCE);
    const settings = ['GO111MODULE=off', `CGO_ENABLED=${resolver === 'cgo' ? 1 : 0}`];
    run(['env', ...settings, compiler, 'build', '-o', file, source]);
    const port = what === 'dial' ? await echo(t) : await listening(t, answers(t));
    return (host) => `GODEBUG=netdns=${resolver} ${file} ${what} ${host}:${port}`;
  },
});

function answers(t: Parameters<RealProgram['prepare']>[0]): http.Server {
  const server = http.createServer((_request, response) => response.end('reached'));
  t.teardown(() => server.closeAllConnections());
  return server;
}

export const GO_PROGRAMS: readonly RealProgram[] = [
  program({ name: 'a Go program', what: 'dial', resolver: 'go' }),
  program({ name: 'a Go program with the resolver of the system', what: 'dial', resolver: 'cgo' }),
  program({ name: 'net/http of Go', what: 'http', resolver: 'go' }),
];
