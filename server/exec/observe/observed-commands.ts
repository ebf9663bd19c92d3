/**
 * The commands that run, of all connections and threads, and the last that ended: what operators list and watch
 * (docs/protocol-extensions.md).
 *
 * Rule: an observer never delays a command, and costs little where nobody looks: its output is copied into a bounded
 * tail (output-tail.ts), and nothing is made for a watcher that is not there.
 * Non-scope: who may look, and who may act (server/operator).
 */
import type { Registration } from '../../network-approval/registration/registration.js';
import type { TerminalSize } from '../process/child.js';
import type { OutputSink } from '../run/output.js';
import type { CommandEnd, CommandSpec, RunningCommand } from '../start/command.js';
import { createOutputTail, type OutputTail } from './output-tail.js';

export type OutputStream = 'stdout' | 'stderr' | 'terminal';

export interface ObservedCommand {
  readonly id: string;
  readonly spec: Pick<CommandSpec, 'argv' | 'cwd' | 'owner' | 'permissions' | 'io'>;
  readonly startedAtMs: number;
  /** Of its first process; null: not known yet. */
  readonly pid: number | null;
  readonly registration: Pick<Registration, 'lane' | 'traffic'>;
  /** Null: it is just being started. */
  readonly command: RunningCommand | null;
  readonly tail: OutputTail;
  readonly size: TerminalSize | null;
  readonly end: (CommandEnd & { readonly endedAtMs: number }) | null;
}

export interface CommandWatcher {
  /** It started or ended. */
  changed(command: ObservedCommand): void;
  output(command: ObservedCommand, stream: OutputStream, piece: Buffer): void;
}

/** What the supervisor tells about one command. */
export interface Observation {
  /** In place of those of the command: they see all output, also beyond a cap. */
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  started(pid: number): void;
  runs(command: RunningCommand): void;
  /** Null: it did not start. */
  ended(end: CommandEnd | null): void;
}

export interface ObservedCommands {
  observe(spec: CommandSpec, registration: Registration): Observation;
  /** The last that ended, then the running ones; each part the oldest first. */
  list(): readonly ObservedCommand[];
  get(id: string): ObservedCommand | null;
  /** Resizes its terminal, and remembers the size. */
  resize(id: string, size: TerminalSize): void;
  /** Returns what stops watching. */
  watch(watcher: CommandWatcher): () => void;
}

/** How many commands stay listed after their end. */
const ENDED_KEPT = 20;

export function createObservedCommands(): ObservedCommands {
  const running = new Map<string, Kept>();
  const ended = new Map<string, Kept>();
  const watchers = new Set<CommandWatcher>();
  const changed = (command: Kept): void => {
    for (const watcher of watchers) watcher.changed(command);
  };

  return {
    observe(spec, registration) {
      const { argv, cwd, owner, permissions, io } = spec;
      const kept: Kept = {
        id: registration.id,
        spec: { argv, cwd, owner, permissions, io },
        startedAtMs: Date.now(),
        pid: null,
        registration,
        command: null,
        tail: createOutputTail(),
        size: io.kind === 'terminal' ? io.size : null,
        end: null,
      };
      const seen = (stream: OutputStream) => (piece: Buffer) => {
        kept.tail.add(piece);
        for (const watcher of watchers) watcher.output(kept, stream, piece);
      };
      return {
        stdout: observedSink(spec.stdout, seen(io.kind === 'terminal' ? 'terminal' : 'stdout')),
        stderr: observedSink(spec.stderr, seen('stderr')),
        started: (pid) => void (kept.pid = pid),
        runs(command) {
          kept.command = command;
          running.set(kept.id, kept);
          changed(kept);
        },
        ended(end) {
          if (!running.delete(kept.id) || end === null) return kept.tail.close();
          kept.end = { ...end, endedAtMs: Date.now() };
          kept.command = null;
          ended.set(kept.id, kept);
          const [oldest] = ended.size > ENDED_KEPT ? ended.values() : [];
          if (oldest !== undefined) {
            ended.delete(oldest.id);
            oldest.tail.close();
          }
          changed(kept);
        },
      };
    },
    list: () => [...ended.values(), ...running.values()],
    get: (id) => running.get(id) ?? ended.get(id) ?? null,
    resize(id, size) {
      const kept = running.get(id);
      if (kept === undefined) return;
      kept.command?.resize(size);
      kept.size = size;
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

type Kept = { -readonly [K in keyof ObservedCommand]: ObservedCommand[K] };

function observedSink(sink: OutputSink, seen: (piece: Buffer) => void): OutputSink {
  return {
    push: (piece) => sink.push(piece),
    get full() {
      return sink.full;
    },
    seen,
  };
}
