/** A model that takes no images: the thread continues in text, and the person and the model learn why. */
import t from 'tap';
import { say, type ModelRequestSeen } from '../../fixtures/model-server.js';
import { scene } from '../turn/support.js';
import { isAboutModel } from '../../fixtures/unknown-model.js';

const PNG =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const sent = ({ body }: ModelRequestSeen): string => JSON.stringify(body.input);

for (const [status, words] of [
  [400, 'This model does not support image input.'],
  [404, 'No endpoints found that support image input'],
  [500, 'image input is not supported - hint: you may need to provide the mmproj'],
] as const) {
  t.test(`${status}: ${words}`, async (t) => {
    const s = await scene(t, {});
    s.model.always((request) =>
      sent(request).includes('image_url') ? { status, body: { error: { message: words } } } : say('fine'),
    );
    const turn = async (input: object[]): Promise<unknown> =>
      s.ended((await s.daemon.call('turn/start', { threadId: s.threadId, input })).turn.id);
    t.match(
      await turn([
        { type: 'image', url: PNG },
        { type: 'text', text: 'look' },
      ]),
      { status: 'completed' },
    );
    t.equal(s.model.requests.length, 2);
    t.match(sent(s.model.requests[1]!), /images left out: the model endpoint does not take them.*look/);
    t.match(await turn([{ type: 'text', text: 'go on' }]), { status: 'completed' });
    t.equal(s.model.requests.length, 3, 'it is not tried again');
    t.strictSame(
      s
        .notes('warning')
        .filter(({ message }) => !isAboutModel(message))
        .map(({ message }) => message.includes('images') && message.includes(words)),
      [true],
    );
  });
}
