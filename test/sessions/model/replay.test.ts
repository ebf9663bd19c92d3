import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { ModelProvider } from '../../../server/sessions/model/provider/model-provider.js';
import { noRequirements } from '../../../server/config/requirements/requirements.js';
import { createModelProviders } from '../../../server/sessions/model/model-providers.js';
import { followNone } from '../../../server/system/files/open-folder.js';
import { openOutput } from '../../../server/system/files/output-file.js';
import { event, items, say, startModelServer } from '../../fixtures/model-server.js';
import { collect, request, table } from './support.js';
import { OWNER_ALONE } from '../../fixtures/windows.js';

const NO_MODEL_REQUIREMENTS = () => noRequirements('none').modelRequirements;

const never = new AbortController().signal;

async function replay(cassette: string): Promise<ModelProvider> {
  const providers = createModelProviders({
    modelRequirements: NO_MODEL_REQUIREMENTS,
    env: {},
    codexHome: '/nowhere',
    installationId: '',
  });
  const provider = await providers.find(table({ wire_api: 'replay', cassette }), 'mock');
  return provider!;
}

t.test('a recording is replayed, for every thread from the start', async (t) => {
  const cassette = path.join(t.testdir(), 'session.cassette.jsonl');
  const model = await startModelServer(items(event.call('exec_command', { cmd: 'ls' }, 'c1')), say('done'));
  const recording = createModelProviders({
    modelRequirements: NO_MODEL_REQUIREMENTS,
    env: {},
    codexHome: '/nowhere',
    installationId: '',
    recordTo: openOutput({ file: cassette, mode: 0o600, mayFollow: followNone }),
  });
  const live = await recording.find(table({ base_url: model.url }), 'mock');
  const first = await collect(live!.stream(request(), never));
  const second = await collect(live!.stream(request(), never));
  await model.close();
  t.equal(fs.statSync(cassette).mode & 0o777, OWNER_ALONE, 'it holds what was said');

  const player = await replay(cassette);
  t.same(await collect(player.stream(request(), never)), first);
  t.same(await collect(player.stream(request(), never)), second);
  await t.rejects(collect(player.stream(request(), never)), {
    message: /has 2 responses, and all of them were played/,
  });

  const other = { ...request().identity, threadId: 'another' };
  t.same(await collect(player.stream(request({ identity: other }), never)), first);
  const resumed = request({
    identity: { ...other, threadId: 'resumed' },
    input: [{ type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{}' }],
  });
  t.same(await collect(player.stream(resumed, never)), second, 'a resumed thread goes on where it was');
});

t.test('a cassette that cannot be replayed is reported with place and reason', async (t) => {
  const dir = t.testdir({
    other: '{"something":"else"}\n',
    torn: '{"codexd_cassette":1}\n{"events":[\n',
    shape: '{"codexd_cassette":1}\n{"event":[]}\n',
    item: '{"codexd_cassette":1}\n{"events":[{"type":"item","item":{"role":"assistant"}}]}\n',
    open: '{"codexd_cassette":1}\n{"events":[{"type":"textDelta","itemId":"m","delta":"x"}]}\n',
  });
  const cases = {
    other: /other, line 1: must be \{"codexd_cassette":1\}/,
    torn: /torn, line 2: no JSON/,
    shape: /shape, line 2: must have `events`/,
    item: /item, line 2: has an event whose `item` is no object with a `type`/,
    open: /response 1 of the cassette .*open has no `completed` event/,
    missing: /ENOENT/,
  };
  for (const [name, message] of Object.entries(cases)) {
    const player = await replay(path.join(dir, name));
    await t.rejects(collect(player.stream(request(), never)), { message }, name);
  }
});
