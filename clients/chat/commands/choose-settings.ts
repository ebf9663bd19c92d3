/** `/model`, `/permissions` and `/approvals`: with a word it is set, without one the person chooses. */
import type { ChatSession } from '../session/chat-session.js';
import type { CommandHost } from './command-host.js';

export async function chooseModel(argument: string, session: ChatSession, host: CommandHost): Promise<void> {
  const [word, effort] = argument.split(/\s+/);
  const { data } = await session.client.request('model/list', { modelProvider: session.state.provider });
  const model =
    word ||
    (await host.pick(
      'Model',
      data.map(({ model, displayName, description }) => ({
        value: model,
        label: model === session.state.model ? `${displayName} (current)` : displayName,
        about: description,
      })),
    ));
  if (!model) return;
  const known = data.find((one) => one.model === model || one.id === model);
  if (known === undefined) host.complain(`the server does not list the model ${model}; it is used all the same`);
  await session.change({ model: known?.model ?? model, ...(effort ? { effort } : {}) });
  host.say(`model: ${known?.model ?? model}${effort ? ` ${effort}` : ''}, from the next turn on`);
}

export async function choosePermissions(argument: string, session: ChatSession, host: CommandHost): Promise<void> {
  const { data } = await session.client.request('permissionProfile/list', { cwd: session.state.cwd });
  const allowed = data.filter((profile) => profile.allowed);
  const permissions =
    argument ||
    (await host.pick(
      'Permissions of commands',
      allowed.map(({ id, description }) => ({
        value: id,
        label: id === session.state.permissions ? `${id} (current)` : id,
        about: description ?? ABOUT[id] ?? '',
      })),
    ));
  if (!permissions) return;
  await session.change({ permissions });
  host.say(`permissions: ${permissions}, from the next turn on`);
}

const ABOUT: Readonly<Record<string, string>> = {
  ':read-only': 'Commands read files, and write nothing',
  ':workspace': 'Commands write files of the folder',
  ':danger-full-access': 'Commands run without a sandbox',
};

const POLICIES = [
  { value: 'on-request', label: 'on-request', about: 'When the model asks for more than the permissions give' },
  { value: 'untrusted', label: 'untrusted', about: 'Before each command that is not known to only read' },
  { value: 'never', label: 'never', about: 'Never: what would need an approval is refused' },
] as const;

export async function chooseApprovals(argument: string, session: ChatSession, host: CommandHost): Promise<void> {
  const word = argument || (await host.pick('When are you asked?', POLICIES));
  if (!word) return;
  const policy = POLICIES.find(({ value }) => value === word);
  if (policy === undefined) throw new Error(`one of ${POLICIES.map(({ value }) => value).join(', ')} is expected`);
  await session.change({ approvalPolicy: policy.value });
  host.say(`approvals: ${policy.value}, from the next turn on`);
}
