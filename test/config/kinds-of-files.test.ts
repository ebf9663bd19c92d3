/** Files of the kinds that people keep are read: nothing that this version does not know makes them void. */
import t from 'tap';
import { KINDS_OF_FILES } from './kinds-of-files.js';
import { makeHome } from './home.js';
import { checkStartup } from '../../server/config/settings/startup.js';
import { readConfig } from '../../server/config/handlers/config-read.js';
import { createFeatureSwitches } from '../../server/config/settings/feature-switches.js';
import { unknownKeys } from '../../server/config/shape/check.js';
import { configShape } from '../../server/config/shape/config-shape.js';

for (const { name, text, ignored, model } of KINDS_OF_FILES) {
  void t.test(name, (t) => {
    const h = makeHome(t, { config: text });
    const { problem, effective } = h.source.resolve(h.work);
    t.equal(problem, null, JSON.stringify(problem));
    const user = effective.layers.find((layer) => layer.name.type === 'user');
    const unknown = unknownKeys(user?.table ?? {}, configShape()).map((keys) => keys.join('.'));
    t.same([...new Set(unknown)].sort(), ignored, 'what does nothing is known, and nothing else');
    t.equal(effective.table.model, model);

    const startup = checkStartup(h.source);
    t.equal(startup.fatal, null);
    const summaries = startup.warnings.map(({ summary }) => summary).join('\n');
    t.notMatch(summaries, 'Invalid configuration');
    for (const key of ignored.slice(0, 3)) t.match(summaries, `config.toml): \`${key}\` is ignored.`);

    const { config, origins } = readConfig(h.source, createFeatureSwitches(), { includeLayers: false, cwd: h.work });
    t.equal(config.model, model);
    t.ok(origins.model, 'and it says where it comes from');
    t.end();
  });
}
