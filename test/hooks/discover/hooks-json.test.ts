import { runToEnd } from '../../fixtures/programs.js';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parseHooksJson, readHooksJson } from '../../../server/hooks/discover/hooks-json.js';
import { placed } from '../../../server/hooks/discover/json-text.js';

const faultOf = (text: string): string | null => {
  const read = parseHooksJson(text);
  return 'why' in read ? placed(read, text) : null;
};
const handler = (members: string): string => `{"hooks":{"Stop":[{"hooks":[{${members}}]}]}}`;

t.test('a fault is named with its place, in the words of the official program', (t) => {
  const rows: readonly [text: string, fault: string][] = [
    [
      handler('"type":"bogus"'),
      'unknown variant `bogus`, expected one of `command`, `mcp_tool`, `prompt`, `agent` at line 1 column 43',
    ],
    [handler('"command":"x"'), 'missing field `type` at line 1 column 43'],
    [handler('"type":"command"'), 'missing field `command` at line 1 column 47'],
    [
      handler('"type":"command","command":"a","timeout":-1'),
      'invalid value: integer `-1`, expected u64 at line 1 column 74',
    ],
    [handler('"type":"command","command":"a","timeout":1.5'), 'invalid type: map, expected u64 at line 1 column 75'],
    [
      handler('"type":"command","command":"a","timeout":"5"'),
      'invalid type: string "5", expected u64 at line 1 column 75',
    ],
    [
      handler('"type":"command","command":"a","async":"x"'),
      'invalid type: string "x", expected a boolean at line 1 column 73',
    ],
    [
      '{"hooks":{"PreToolUse":[{"matcher":5,"hooks":[]}]}}',
      'invalid type: integer `5`, expected a string at line 1 column 36',
    ],
    ['{"hooks":', 'EOF while parsing a value at line 1 column 9'],
    ['', 'EOF while parsing a value at line 1 column 0'],
    ['{', 'EOF while parsing an object at line 1 column 1'],
    ['null', 'invalid type: null, expected struct HooksFile at line 1 column 4'],
    ['{"hooks":null}', 'invalid type: null, expected struct HookEventsToml at line 1 column 13'],
    [
      '{"description":"x","version":1,"hooks":{}}',
      'unknown field `version`, expected `description` or `hooks` at line 1 column 28',
    ],
    ['{"hooks":{"Stop":{"hooks":[]}}}', 'invalid type: map, expected a sequence at line 1 column 17'],
    ['{"hooks":{"Stop":null}}', 'invalid type: null, expected a sequence at line 1 column 21'],
    ['{"hooks":{"Stop":[{"hooks":null}]}}', 'invalid type: null, expected a sequence at line 1 column 31'],
    [
      '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a"}]}],"Stop":[]}}',
      'duplicate field `Stop` at line 1 column 70',
    ],
    ['\ufeff{"hooks":{}}', 'expected value at line 1 column 1'],
    ['{// x\n"hooks":{}}', 'key must be a string at line 1 column 2'],
    [
      '{"hooks":{"PreToolUse":[{"hooks":[{"type":"mcp_tool","server":"s","tool":"t","input":{"a":null}}]}]}}',
      'MCP hook input must be representable as TOML at line 1 column 97',
    ],
  ];
  for (const [text, fault] of rows) t.equal(faultOf(text), fault, text);
  t.end();
});

t.test('what says nothing is no fault', (t) => {
  const texts = [
    '{}',
    '[]',
    '{"hooks":[]}',
    '{"hooks":{"Later":5}}',
    '{"hooks":{"Stop":[{}]}}',
    '{"description":null}',
  ];
  for (const text of texts) t.equal(faultOf(text), null, text);
  for (const member of ['timeout', 'statusMessage', 'commandWindows', 'additionalContextLimit'])
    t.equal(faultOf(handler(`"type":"command","command":"a","${member}":null`)), null, member);
  t.match(faultOf(handler('"type":"command","command":null')), 'invalid type: null, expected a string');
  t.same(parseHooksJson('{"hooks":{"why":1}}'), { events: { why: 1 } }, 'data is no fault');
  t.end();
});

t.test('only a regular file of a sensible size is read', (t) => {
  const folder = t.testdir({ real: '{"hooks":{"Stop":[]}}', folder: {} });
  const at = (name: string): string => path.join(folder, name);
  fs.symlinkSync(at('real'), at('link'));
  fs.symlinkSync('/nonexistent/x', at('dangling'));
  fs.symlinkSync(at('loop'), at('loop'));
  runToEnd('mkfifo', [at('fifo')]);
  fs.writeFileSync(at('bytes'), Buffer.from([0x7b, 0xff, 0x7d]));
  fs.writeFileSync(at('huge'), ' '.repeat(1024 * 1024 + 1));
  fs.writeFileSync(at('deep'), `{"hooks":{"Stop":${'['.repeat(200_000)}`);
  for (const name of ['missing', 'folder', 'dangling', 'loop', 'fifo']) t.equal(readHooksJson(at(name)), null, name);
  t.match(readHooksJson(at('link')), { events: { Stop: [] } });
  t.match(readHooksJson(at('bytes')), {
    fault: `failed to read hooks config ${at('bytes')}: stream did not contain valid UTF-8`,
  });
  t.match(readHooksJson(at('huge')), { fault: /larger than 1 MiB/ });
  t.match(readHooksJson(at('deep')), { fault: /failed to parse hooks config/ });
  t.end();
});
