import t from 'tap';
import { libsystem } from '../../../server/system/darwin/libsystem.js';

t.test('on another system it names what it would need', { skip: process.platform === 'darwin' }, async (t) => {
  t.throws(() => libsystem(), { code: 'machine.native-module' });
});
