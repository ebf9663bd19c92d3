import t from 'tap';
import { viewImage } from '../../../server/sessions/tools/view-image.js';

const tool = viewImage(...([undefined, undefined] as unknown as Parameters<typeof viewImage>));
const offered = (table: object): unknown =>
  tool.definition({ table } as unknown as Parameters<typeof tool.definition>[0]);

t.test('the model has the tool, unless the feature is off', async (t) => {
  t.match(offered({}), { type: 'function', name: 'view_image' });
  t.match(offered({ features: { view_image: true } }), { name: 'view_image' });
  t.equal(offered({ features: { view_image: false } }), null);
});
