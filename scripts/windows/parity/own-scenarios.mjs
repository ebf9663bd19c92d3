/**
 * The scenarios of test/windows/parity: files of {family, scenarios}, each scenario a list of steps (README.md there).
 * A step that observes something makes one check of the comparison.
 */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../setup.mjs';
import { Scene } from './scene.mjs';

const FOLDER = path.join(root, 'test', 'windows', 'parity', 'scenarios');
/**
 * @typedef {import('./shared-scenarios.mjs').Outcome} Outcome
 * @typedef {Record<string, any>} Step
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} name
 * @property {string[]} [config]
 * @property {Record<string, string>} [files]
 * @property {any[]} [model]
 * @property {Record<string, unknown>} [answers]
 * @property {'ws'} [listen]
 * @property {Step[]} steps
 */

/** @param {string} folder the folder that is C:\parity */
export async function loadOwnScenarios(folder) {
  const built = (/** @type {string} */ name) => import(path.join(root, 'build', 'test', 'fixtures', `${name}.js`));
  const models = await built('model-server');
  const { modelConfig } = await built('model-config');
  /** @type {Scenario[]} */
  const scenarios = fs
    .readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) =>
      JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8')).scenarios.map(
        (/** @type {Scenario} */ scenario) => ({ ...scenario, id: `${file.slice(0, -5)}/${scenario.name}` }),
      ),
    );
  /**
   * @param {Scenario} scenario
   * @param {import('./programs.mjs').Side} side
   * @param {import('./programs.mjs').Broker} broker
   * @param {string} version
   * @returns {Promise<Outcome>}
   */
  const run = async (scenario, side, broker, version) => {
    const place = fs.mkdtempSync(path.join(folder, 'run-'));
    const model = await models.startModelServer(...(scenario.model ?? []).map((step) => answerOf(models, step)));
    const scene = new Scene({ scenario, side, broker, version, place, folder, model, config: modelConfig(model.url) });
    /** @type {string | undefined} */
    let error;
    try {
      await scene.play();
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    }
    scene.dispose();
    await model.close();
    return { observations: scene.observations, ...(error === undefined ? {} : { error }) };
  };
  return { scenarios, run };
}

/**
 * @param {any} models
 * @param {any} step {say}, {calls: [{name, input, id}]}, {patch, id}, or the answer as it is
 */
function answerOf({ items, say, event }, step) {
  if (step.say !== undefined) return say(step.say);
  if (step.patch !== undefined)
    return items(event.call('exec_command', { cmd: `apply_patch <<'PATCH'\n${step.patch}PATCH` }, step.id));
  if (step.calls !== undefined)
    return items(...step.calls.map((/** @type {any} */ { name, input, id }) => event.call(name, input, id)));
  return step;
}
