/** The words in which servers refuse a part of the input, as they were seen. */
import t from 'tap';
import { refusedIn, type Refused } from '../../../../server/sessions/model/provider/refused.js';

const place = (index: number, ...path: string[]): Refused => ({ kind: 'place', items: [index], path });

const CASES: readonly (readonly [string, Parameters<typeof refusedIn>[0], Refused | null])[] = [
  [
    'another account',
    {
      code: 'invalid_encrypted_content',
      words: 'The encrypted content gAAA could not be verified.',
    },
    { kind: 'encrypted' },
  ],
  [
    'without a code',
    { words: 'The encrypted content for item rs_1 could not be decrypted or parsed.' },
    { kind: 'encrypted' },
  ],
  [
    'raw reasoning, by its place',
    {
      param: 'input[5].content',
      words: "Invalid 'input[5].content': array too long. Expected an array with maximum length 0.",
    },
    place(5, 'content'),
  ],
  ['a member', { param: 'input[4].phase', words: "Unknown parameter: 'input[4].phase'." }, place(4, 'phase')],
  [
    'in words alone',
    { words: 'Invalid value at input[2].content[1].image_url: no.' },
    place(2, 'content', '1', 'image_url'),
  ],
  ['with dots', { words: 'messages.5.content.0.type: Input tag is not one of' }, place(5, 'content', '0', 'type')],
  [
    'Python lists',
    {
      words: "1 validation error: {'type': 'missing', 'loc': ('body', 'input', 3, 'ResponseReasoningItem', 'content')",
    },
    place(3, 'ResponseReasoningItem', 'content'),
  ],
  [
    'JSON lists',
    { words: '{"detail":[{"loc":["body","messages",12,"assistant","reasoning_content"],"msg":"Extra inputs"}]}' },
    place(12, 'assistant', 'reasoning_content'),
  ],
  [
    'Groq',
    {
      words:
        "'messages.3' : for 'role:assistant' the following must be satisfied[('messages.3' : property 'reasoning_content' is unsupported)]",
    },
    place(3, 'reasoning_content'),
  ],
  ['a sentence goes on', { words: 'input[7] must have a type, which it has not' }, place(7)],
  ['a word for it', { words: 'this server does not accept reasoning content' }, { kind: 'reasoning-text' }],
  [
    'an unknown type',
    { words: 'unknown variant `web_search_call`, expected one of `message`' },
    { kind: 'named', names: ['web_search_call', 'message'] },
  ],
  ['an id', { words: 'No tool output found for function call call_abcd.' }, { kind: 'named', names: ['call_abcd'] }],
  [
    'an item that refers to another one',
    { words: "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1'." },
    { kind: 'id', of: 'fc_1' },
  ],
  ['a parameter of the request', { param: 'reasoning.effort', words: "Unsupported value: 'xhigh'" }, null],
  ['a model', { words: 'model not found' }, null],
  ['nothing', { words: '' }, null],
  ['inputs of another sort', { words: 'the input 3 is bad' }, null],
];

for (const [name, said, refused] of CASES) t.strictSame(refusedIn(said), refused, name);

t.test('that a model takes no images is said in many ways', (t) => {
  const said = [
    'This model does not support image input.',
    "Cannot read image: the model doesn't support image inputs",
    'No endpoints found that support image input',
    'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    'At most 0 image(s) may be provided in one prompt.',
    '/models/qwen is not a multimodal model',
    'Invalid content type. image_url is only supported by certain models.',
    'messages[1]: unknown variant `image_url`, expected `text` at line 1 column 99',
    'Model does not support vision capabilities',
    'images are not supported by this model',
    'This is a text-only model',
    'The model cannot process images',
    'vision is not enabled for this model',
    'Multimodal data provided, but model does not support multimodal requests.',
    "Unsupported content type: 'image_url'",
    'Content part of type input_image is not supported',
  ];
  for (const words of said) t.strictSame(refusedIn({ words }), { kind: 'parts', type: 'input_image' }, words);
  for (const words of [
    'the image of the container was not found',
    'no image',
    'This model does not support tools. Images do.',
  ])
    t.not(refusedIn({ words })?.kind, 'parts', words);
  t.end();
});

t.test('long words cost no time', (t) => {
  const started = performance.now();
  for (const words of [
    "input'".repeat(200_000),
    "'".repeat(500_000),
    'not image '.repeat(100_000),
    'does not support '.repeat(50_000),
    'encrypted content '.repeat(100_000),
  ])
    refusedIn({ words });
  t.ok(performance.now() - started < 500);
  t.end();
});
