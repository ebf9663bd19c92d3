/** One run of a scenario of test/windows/parity against one program: its folders, its steps, what it observes. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Client, connect } from './client.mjs';
import { normalizer } from './normalize.mjs';
import { mapStrings, spellings } from './paths.mjs';
import { prepareHome, startProgram } from './programs.mjs';

/** @typedef {import('./own-scenarios.mjs').Step} Step */

const CLIENT = {
  clientInfo: { name: 'parity', title: null, version: '1.0.0' },
  capabilities: { experimentalApi: true },
};
/** Notifications that come at any time, or that one of the two programs has alone. */
const ANY_TIME =
  /^(remoteControl|configWarning|account|warning|deprecationNotice|mcpServer|skills|app)\/?|outputDelta|tokenUsage|readState|goal\/cleared/;

export class Scene {
  /** @type {import('./shared-scenarios.mjs').Observation[]} */
  observations = [];
  /** @type {Record<string, string>} */
  #values = {};
  /** @type {Map<string, Promise<any>>} */
  #open = new Map();
  /** @type {(() => void)[]} */
  #endings = [];

  /** @param {any} parts */
  constructor(parts) {
    Object.assign(this, parts);
    /** @type {any} */
    const { scenario, place, folder, model, config } = parts;
    this.paths = spellings(folder);
    for (const name of ['home', 'work', 'user', 'temp']) {
      fs.mkdirSync(path.join(place, name));
      this.#values[name] = this.paths.windows(path.join(place, name));
    }
    this.model = model;
    this.scenario = scenario;
    this.place = place;
    fs.writeFileSync(path.join(place, 'home', 'config.toml'), this.#filled(withKeys(config, scenario.config ?? [])));
    for (const [name, text] of Object.entries(scenario.files ?? {})) {
      const file = path.join(place, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, this.#filled(String(text)));
    }
    prepareHome(path.join(place, 'home'));
    const words = Object.entries(this.#values).map(([name, text]) => [text, `<${name}>`]);
    this.normalize = normalizer(/** @type {any} */ ([...words, [parts.version, '<version>'], [model.url, '<model>']]));
  }

  async play() {
    await this.#start();
    for (const step of this.scenario.steps) await this.#step(step);
  }

  /** The folder stays: the program may still be ending in it. It is removed with the whole comparison. */
  dispose() {
    for (const end of this.#endings) end();
  }

  /** @param {string} text */
  #filled(text) {
    return text.replace(/\$\{(\w+)(:json)?\}/g, (whole, name, json) => {
      const value = this.#values[name];
      if (value === undefined) return whole;
      return json ? JSON.stringify(value).slice(1, -1) : value;
    });
  }

  async #start() {
    const { broker, side } = /** @type {any} */ (this);
    const port = this.scenario.listen === 'ws' ? await freePort() : undefined;
    const url = `ws://127.0.0.1:${port}`;
    let ended = false;
    let rest = '';
    let stderr = '';
    /** @type {Client | undefined} */
    let client;
    const program = startProgram(
      broker,
      {
        file: side.file,
        args: [...side.args, 'app-server', ...(port === undefined ? [] : ['--listen', url])],
        cwd: this.#values.work ?? '',
        env: {
          CODEX_HOME: this.#values.home ?? '',
          USERPROFILE: this.#values.user ?? '',
          TEMP: this.#values.temp ?? '',
          TMP: this.#values.temp ?? '',
          OPENAI_API_KEY: 'dummy',
        },
      },
      {
        out: (data) => {
          const lines = (rest + String(data)).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) client?.take(line);
        },
        err: (data) => (stderr += String(data)),
      },
    );
    void program.closed.then(() => (ended = true));
    this.program = program;
    this.#endings.push(() => program.abandon());
    if (port === undefined) client = new Client((line) => program.write(`${line}\n`));
    else {
      const connection = await connect(url, () => ended);
      client = connection.client;
      this.#endings.push(connection.close);
    }
    this.client = client;
    client.answers = this.scenario.answers ?? {};
    const { initialize = CLIENT } = /** @type {any} */ (this.scenario);
    if (initialize === null) return;
    const { error } = await client.request('initialize', initialize);
    if (error) throw new Error(`initialize: ${error.message} ${stderr}`);
    client.send('{"method":"initialized"}');
  }

  /** @param {Step} written */
  async #step(written) {
    const step = /** @type {Step} */ (mapStrings(written, (text) => this.#filled(text)));
    const client = /** @type {Client} */ (this.client);
    if (step.call !== undefined) {
      const from = client.messages.length;
      const answer = client.request(step.call, step.params);
      if (step.later) {
        this.#open.set(step.as, answer);
        return;
      }
      await this.#answered(step, await answer);
      if (step.until) await client.find(({ method }) => method === step.until, step.until, from);
    } else if (step.answer !== undefined) {
      await this.#answered({ ...step, as: step.answer }, await this.#open.get(step.answer));
    } else if (step.wait !== undefined) {
      const found = await client.find(({ method }) => method === step.wait, step.wait);
      if (step.only || step.keep) await this.#answered({ as: step.wait, ...step }, { result: found.params });
    } else if (step.waitItem !== undefined) {
      await client.find(({ params }) => params?.item?.type === step.waitItem, step.waitItem);
    } else if (step.send !== undefined) {
      const from = client.messages.length;
      client.send(step.send);
      const found = await client.find(({ method }) => method === undefined, `answer to ${step.send}`, from);
      this.#observe(step.as ?? step.send, found);
    } else if (step.file !== undefined) {
      const file = path.join(/** @type {string} */ (this.place), step.file);
      this.#observe(step.file, fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null);
    } else if (step.appears !== undefined) {
      await this.#appears(path.join(/** @type {string} */ (this.place), step.appears));
    } else if (step.notifications !== undefined) {
      this.#observe(step.as ?? 'notifications', this.#notifications(new RegExp(step.notifications)));
    } else if (step.outputs !== undefined) {
      this.#observe('outputs for the model', outputs(this.model.requests.at(-1)?.body));
    } else if (step.restart !== undefined) {
      if (step.restart === 'kill') this.program?.kill();
      else this.program?.end();
      await this.program?.closed;
      await this.#start();
    } else throw new Error(`no such step: ${JSON.stringify(step)}`);
  }

  /**
   * @param {Step} step
   * @param {any} answer
   */
  async #answered(step, { result, error }) {
    for (const [name, where] of Object.entries(step.keep ?? {})) this.#values[name] = String(at(result, where));
    const key = step.as ?? `${this.observations.length + 1} ${step.call}`;
    const picked = error
      ? { error }
      : step.only
        ? Object.fromEntries(step.only.map((/** @type {string} */ where) => [where, at(result, where)]))
        : step.only === null
          ? 'ok'
          : result;
    this.#observe(key, picked, step.mode);
  }

  /** @param {string} file */
  async #appears(file) {
    for (let tries = 0; !fs.existsSync(file); tries++) {
      if (tries === 600) throw new Error(`${file} does not appear`);
      await new Promise((again) => setTimeout(again, 100));
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  #observe(key, value, mode = 'exact') {
    this.observations.push({ key, mode, value: this.normalize?.(value === undefined ? '<undefined>' : value) });
  }

  /** @param {RegExp} wanted */
  #notifications(wanted) {
    const { messages } = /** @type {Client} */ (this.client);
    return messages
      .filter(({ method }) => method !== undefined && wanted.test(method) && !ANY_TIME.test(method))
      .map(({ method, params }) => {
        const more = params?.item?.type ?? params?.status?.type ?? params?.turn?.status;
        return more === undefined ? method : `${method} ${more}`;
      });
  }
}

/**
 * The top keys of a configuration before its first table, in place of its own.
 * @param {string} config
 * @param {string[]} lines keys, or whole tables
 */
function withKeys(config, lines) {
  const keys = lines.filter((line) => /^\w+ =/.test(line));
  const names = keys.map((line) => line.split(' ')[0]);
  const own = config.split('\n').filter((line) => !names.some((name) => line.startsWith(`${name} =`)));
  return [...keys, ...own, ...lines.filter((line) => !keys.includes(line))].join('\n');
}

const at = (/** @type {any} */ value, /** @type {string} */ where) =>
  where.split('.').reduce((part, name) => part?.[name], value);

const outputs = (/** @type {any} */ body) =>
  (body?.input ?? [])
    .filter((/** @type {{ type: string }} */ { type }) => /_output$/.test(type))
    .map((/** @type {{ output: unknown }} */ { output }) =>
      typeof output === 'string' ? output : JSON.stringify(output),
    )
    .map((/** @type {string} */ text) =>
      text.replaceAll(/Wall time: [\d.]+/g, 'Wall time: N').replace(/Chunk ID: \w+/, 'Chunk ID: N'),
    );

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
