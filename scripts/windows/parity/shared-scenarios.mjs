/**
 * Runs a folder of conformance scenarios of Linux (lib/ and public/) against programs under Wine. A scenario sees paths
 * and a program of Linux; the translation is here.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { mapStrings, spellings, windowsToml } from './paths.mjs';

const PROGRAM = new URL('as-linux-program.mjs', import.meta.url).pathname;
const DEFAULT_LIMIT_MS = 60_000;
/** Wine is slow, and so is a busy machine: limits of scenarios are made longer by this factor. */
const SLOWER = 3;

/**
 * @typedef {{ key: string, mode: string, value: unknown }} Observation
 * @typedef {{ observations: Observation[], error?: string }} Outcome
 * @typedef {{ id: string, run: (context: any) => Promise<void>, timeout?: number }} Scenario
 */

/**
 * The scenarios of a folder, and how one of them runs against one side.
 * @param {string} root the folder that contains lib and public
 * @param {string} folder the folder that is C:\parity
 */
export async function loadScenarios(root, folder) {
  process.env.CONFORM_TMP = folder;
  const from = (/** @type {string} */ name) => import(pathToFileURL(path.join(root, name)).href);
  const { Ctx } = await from('lib/scenario.mjs');
  const { Client, loadWs } = await from('lib/client.mjs');
  loadWs();
  const paths = spellings(folder);
  translateMessages(Client, paths);
  const Context = contextUnderWine(Ctx, paths);

  /** @type {Scenario[]} */
  const scenarios = [];
  const files = fs.readdirSync(path.join(root, 'public')).filter((file) => file.endsWith('.mjs'));
  for (const file of files.sort()) {
    const module = await from(`public/${file}`);
    for (const scenario of module.scenarios)
      scenarios.push({ id: `${file.slice(0, -'.mjs'.length)}/${scenario.name}`, ...scenario });
  }
  /**
   * @param {Scenario} scenario
   * @param {import('./programs.mjs').Side} side
   * @param {import('./programs.mjs').Broker} broker
   * @param {string} version of the official program
   * @returns {Promise<Outcome>}
   */
  const run = async (scenario, side, broker, version) => {
    const setting = JSON.stringify({ broker, folder, side });
    const context = new Context({
      name: side.name,
      peer: side.name !== 'codexd',
      version,
      cmd: process.execPath,
      pre: [PROGRAM, setting, 'app-server'],
    });
    const limit = (scenario.timeout ?? DEFAULT_LIMIT_MS) * SLOWER;
    /** @type {string | undefined} */
    let error;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end in ${limit} ms`)), limit);
    });
    try {
      await Promise.race([scenario.run(context), late]);
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    } finally {
      clearTimeout(timer);
      await context.dispose();
    }
    return { observations: context.observations, ...(error === undefined ? {} : { error }) };
  };
  return { scenarios, run };
}

/**
 * What a client sends and receives has the paths of the other system.
 * @param {{ prototype: any }} Client
 * @param {ReturnType<typeof spellings>} paths
 */
function translateMessages({ prototype }, paths) {
  const { onLine, request, waitFor } = prototype;
  const translated = (/** @type {string} */ line, /** @type {(text: string) => string} */ change) => {
    try {
      const value = JSON.parse(line);
      const changed = JSON.stringify(mapStrings(value, change));
      return changed === JSON.stringify(value) ? line : changed;
    } catch {
      return change(line);
    }
  };
  prototype.onLine = function (/** @type {string} */ line) {
    // Scenarios take what lasts longer than a second for a time of the day.
    const quick = line.replace(/"durationMs":\d{4,}/g, '"durationMs":999');
    onLine.call(this, translated(quick, paths.linux));
  };
  Object.defineProperty(prototype, 'sendRaw', {
    set(/** @type {(line: string) => void} */ send) {
      this.sendTranslated = (/** @type {string} */ line) => send(translated(line, (text) => paths.windows(text)));
    },
    get() {
      return this.sendTranslated;
    },
  });
  const patient = (/** @type {any} */ options = {}) => ({ ...options, timeout: (options.timeout ?? 20_000) * SLOWER });
  prototype.request = function (/** @type {any} */ method, /** @type {any} */ params, /** @type {any} */ options) {
    return request.call(this, method, params, patient(options));
  };
  prototype.waitFor = function (/** @type {any} */ matches, /** @type {any} */ options) {
    return waitFor.call(this, matches, patient(options));
  };
}

/**
 * The context of a scenario with Windows' paths in what it writes for the program and in what the model says.
 * @param {any} Ctx
 * @param {ReturnType<typeof spellings>} paths
 */
function contextUnderWine(Ctx, paths) {
  const toWindows = (/** @type {unknown} */ value) => mapStrings(value, (text) => paths.windows(text));
  return class extends Ctx {
    /** @param {any} target */
    constructor(target) {
      super(target);
      this.replacements.push(['/proc/self/root', '<verbatim>']);
    }

    /** @param {string} toml */
    writeConfig(toml) {
      super.writeConfig(toml);
      const file = path.join(this.home, 'config.toml');
      fs.writeFileSync(file, windowsToml(paths, fs.readFileSync(file, 'utf8')));
    }

    /**
     * @param {string} name
     * @param {string} text
     */
    write(name, text) {
      return super.write(name, name.endsWith('.toml') ? windowsToml(paths, text) : text);
    }

    /**
     * @param {string} key
     * @param {unknown} value
     * @param {object} [options]
     */
    obs(key, value, options) {
      super.obs(key, mapStrings(value, paths.linux), options);
    }

    /** @param {any[]} script */
    async model(script = []) {
      const steps = script.map((step) => translatedStep(step, toWindows));
      const model = await super.model(steps);
      const { push } = model;
      model.push = (/** @type {any[]} */ ...more) => push(...more.map((step) => translatedStep(step, toWindows)));
      const add = model.requests.push;
      model.requests.push = function (/** @type {any} */ request) {
        request.body = mapStrings(request.body, paths.linux);
        return add.call(this, request);
      };
      return model;
    }

    /**
     * @param {string[]} args
     * @param {any} [options]
     */
    async runCli(args, options = {}) {
      const timeout = (options.timeout ?? 30_000) * SLOWER;
      return mapStrings(await super.runCli(args, { ...options, timeout }), paths.linux);
    }
  };
}

/**
 * @param {any} step
 * @param {(value: unknown) => unknown} change
 * @returns {any}
 */
function translatedStep(step, change) {
  if (typeof step === 'function') {
    return async (/** @type {any} */ request, /** @type {number} */ at) => change(await step(request, at));
  }
  return change(step);
}
