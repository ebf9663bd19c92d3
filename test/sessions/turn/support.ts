/** A real daemon on stdio with a scripted model, one thread, and all messages in the order of arrival. */
import type { Test } from 'tap';
import { modelConfig } from '../../fixtures/model-config.js';
import { event, startModelServer, type ModelServer, type Step } from '../../fixtures/model-server.js';
import { rawHome, type RawDaemon, type RawMessage } from '../../fixtures/raw-daemon.js';

// Tests look at answers of every shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

export interface Scene {
  readonly home: string;
  readonly work: string;
  readonly model: ModelServer;
  readonly daemon: RawDaemon;
  readonly threadId: string;
  /** Sends a message; returns the turn that accepts it. */
  begin(text: string, more?: object): Promise<{ readonly id: string; readonly status: string }>;
  /** The turn in the notification of its end. */
  ended(turnId: string): Promise<Loose>;
  /** begin and ended. */
  turn(text: string, more?: object): Promise<Loose>;
  /** Waits for a matching notification or request of this method. */
  note(method: string, fits?: (params: Loose) => boolean, from?: number): Promise<RawMessage>;
  notes(method: string, from?: number): Loose[];
  /** Completed items of a kind. */
  items(type: string): Loose[];
  /** The input of the model request with this number; by default of the last one. */
  input(request?: number): Loose[];
  /** The outputs of the model's calls, by call id, in its last request. */
  outputs(): Readonly<Record<string, string>>;
  /** Ends the daemon and starts another one on the same home, with the thread resumed. */
  again(): Promise<Scene>;
  /** Ends the daemon and starts another one on the same home, which has not loaded the thread. */
  restarted(): Promise<Scene>;
}

export interface SceneOptions {
  /** Text before the usual configuration. */
  readonly top?: string;
  readonly tables?: string;
  /** Parameters of thread/start. */
  readonly start?: object;
}

export async function scene(t: Test, options: SceneOptions = {}, ...script: Step[]): Promise<Scene> {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const config = `${options.top ?? ''}\n${modelConfig(model.url)}\n${options.tables ?? ''}\n`;
  const home = rawHome(t, config);
  const daemon = await home.start();
  const { thread } = await daemon.call('thread/start', { cwd: home.work, ...options.start });
  return sceneOf(daemon, thread.id as string);

  function sceneOf(running: RawDaemon, threadId: string): Scene {
    const self: Scene = {
      home: home.home,
      work: home.work,
      model,
      daemon: running,
      threadId,
      async begin(text, more = {}) {
        const input = [{ type: 'text', text }];
        return (await running.call('turn/start', { threadId, input, ...more })).turn;
      },
      async ended(turnId) {
        return (await self.note('turn/completed', ({ turn }) => turn.id === turnId)).params.turn;
      },
      async turn(text, more) {
        return self.ended((await self.begin(text, more)).id);
      },
      note: (method, fits = () => true, from = 0) =>
        running.next((message) => message.method === method && fits(message.params), from),
      notes: (method, from = 0) =>
        running.messages.slice(from).flatMap((message) => (message.method === method ? [message.params] : [])),
      items: (type) => self.notes('item/completed').flatMap(({ item }) => (item.type === type ? [item] : [])),
      input: (request = model.requests.length - 1) => model.requests[request]?.body.input as Loose[],
      outputs: () =>
        Object.fromEntries(
          self
            .input()
            .filter(({ call_id: id, output }) => id !== undefined && output !== undefined)
            .map(({ call_id: id, output }) => [id, typeof output === 'string' ? output : JSON.stringify(output)]),
        ),
      async again() {
        const next = await self.restarted();
        await next.daemon.call('thread/resume', { threadId });
        return next;
      },
      async restarted() {
        await running.close();
        return sceneOf(await home.start(), threadId);
      },
    };
    return self;
  }
}

/** An answer that calls these tools. */
export const calls = (...made: readonly object[]): readonly object[] => [
  event.created(),
  ...made.map(event.done),
  event.completed(),
];

export const run = (cmd: string, id: string, more: object = {}): object =>
  event.call('exec_command', { cmd, ...more }, id);

/** The beginning of an answer, without an end. */
export function unfinished(text: string): Step {
  const message = event.message(text);
  return {
    events: [event.created(), event.added({ ...message, content: [] }), event.text(text, message.id)],
    hang: true,
  };
}
