import t from 'tap';
import { faultText } from '../../../../server/sessions/mcp/shape/connection.js';

t.test('faults have the words of the official program', async (t) => {
  const say = (fault: Parameters<typeof faultText>[0]): string => faultText(fault, 'tools/call');
  t.equal(say({ kind: 'rpc', code: -32050, message: 'custom', data: { k: 1 } }), 'Mcp error: -32050: custom({"k":1})');
  t.equal(say({ kind: 'rpc', code: -1, message: 'plain', data: undefined }), 'Mcp error: -1: plain');
  t.equal(say({ kind: 'timeout', ms: 1000 }), 'timed out awaiting tools/call after 1000ms');
  t.equal(say({ kind: 'timeout', ms: 300_000 }), 'timed out awaiting tools/call after 300s');
  t.equal(say({ kind: 'closed' }), 'Transport closed');
  t.equal(say({ kind: 'unusable' }), 'Unexpected response type');
  t.match(say({ kind: 'unauthorized', challenge: null }), /401/);
  t.equal(say({ kind: 'other', message: 'words' }), 'words');
});
