import path from 'node:path';
import t from 'tap';
import type { DaemonParts } from '../../server/app/daemon-parts.js';
import { policyTestOptions } from '../../server/app/policy-test-options.js';
import { NO_RULES } from '../../server/config/rules/rule-set.js';
import { createConfigService } from '../../server/config/settings/config-service.js';

t.test('a command would have the network of the configured profile, under the requirements', async (t) => {
  const codexHome = t.testdir({ 'config.toml': 'sandbox_mode = "workspace-write"' });
  const source = createConfigService({
    codexHome,
    cwd: codexHome,
    env: { CODEXD_SYSTEM_CONFIG_DIR: `${codexHome}/etc` },
  });
  const parts = {
    cwd: codexHome,
    codexHome,
    env: {},
    ownPorts: () => [4500],
    sessions: { made: () => null },
    ruleBook: () => Promise.resolve({ current: () => NO_RULES }),
    configuration: () => Promise.resolve({ source }),
  } as unknown as DaemonParts;
  const { access, ownEndpoints } = await policyTestOptions(parts);
  const asked = { cwd: null, profile: null, threadId: null };
  t.match(await access(asked), { profile: null, network: { kind: 'offline' }, asks: false, memory: null });
  t.match(await access({ ...asked, profile: ':danger-full-access' }), { network: { kind: 'direct' } });
  await t.rejects(async () => access({ ...asked, profile: 'nothing' }));
  await t.rejects(async () => access({ ...asked, threadId: '01999999-9999-7999-8999-999999999999' }), {
    message: /^thread not found/,
  });
  t.same(ownEndpoints(), [{ port: 4500 }]);
});

t.test('a rule is written into the profile, or where all profiles have theirs', async (t) => {
  const own = '[permissions.dev.filesystem]\n":root" = "read"\n[permissions.dev.network]\nenabled = true\n';
  const codexHome = t.testdir({
    'config.toml': `default_permissions = "dev"\n[features]\nnetwork_proxy = true\n${own}`,
  });
  const source = createConfigService({
    codexHome,
    cwd: codexHome,
    env: { CODEXD_SYSTEM_CONFIG_DIR: `${codexHome}/etc` },
  });
  const parts = {
    cwd: codexHome,
    codexHome,
    env: {},
    ruleBook: () => Promise.resolve({ current: () => NO_RULES }),
    configuration: () => Promise.resolve({ source }),
  } as unknown as DaemonParts;
  const { access } = await policyTestOptions(parts);
  const asked = { cwd: null, threadId: null };
  const file = path.join(codexHome, 'config.toml');
  t.match(await access({ ...asked, profile: 'dev' }), { place: { file, profile: 'dev', proxySwitch: true } });
  t.match(await access({ ...asked, profile: ':workspace' }), { place: { file, profile: null, proxySwitch: true } });
});
