import t from 'tap';
import type { ToolResult } from '../../../../server/sessions/mcp/shape/connection.js';
import { failureOutput, itemResult, modelOutput } from '../../../../server/sessions/tools/mcp/call-output.js';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const BUDGET = { unit: 'bytes', amount: 1_000 } as const;
const MODEL = { images: true, originalImages: false };
const told = (result: ToolResult) => modelOutput(result, 12.34, BUDGET, MODEL);
const HEAD = { type: 'input_text', text: 'Wall time: 0.0123 seconds\nOutput:' };

t.test('each block becomes what the model can read', async (t) => {
  const link = { type: 'resource_link', uri: 'mem://a', name: 'a' };
  t.same(
    await told({ content: [{ type: 'text', text: 'one' }, link, { type: 'image', data: PNG, mimeType: 'image/png' }] }),
    [
      HEAD,
      { type: 'input_text', text: 'one' },
      { type: 'input_text', text: JSON.stringify(link) },
      { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'high' },
    ],
  );
  t.equal(await told({ content: [], structuredContent: { n: 42 } }), 'Wall time: 0.0123 seconds\nOutput:\n{"n":42}');
  t.same(await told({ content: [] }), [HEAD]);
  t.same(failureOutput('words', 12.34), [HEAD, { type: 'input_text', text: 'words' }]);
});

t.test('an invalid picture never reaches the model, and neither do too many', async (t) => {
  const broken = await told({ content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] });
  t.match(broken, [HEAD, { type: 'input_text', text: /omitted/ }]);
  const many = await told({ content: Array.from({ length: 50 }, () => ({ type: 'image', data: PNG, mimeType: 'x' })) });
  t.equal((many as readonly { type: string }[]).filter(({ type }) => type === 'input_image').length, 20);
});

t.test('all texts together have one limit, and what was cut is said', async (t) => {
  const texts = Array.from({ length: 10 }, (_, n) => ({ type: 'text', text: `${n}${'x'.repeat(400)}` }));
  const parts = (await told({ content: texts })) as unknown as readonly { text: string }[];
  t.ok(JSON.stringify(parts).length < 2_000);
  t.match(parts.map(({ text }) => text).join('\n'), /truncated/);
  t.match(parts.at(-1)?.text, /^\[omitted 7 text items \.\.\.\]$/);
  t.match(await told({ content: [], structuredContent: { a: 'y'.repeat(5_000) } }), /truncated/);
});

t.test('an item holds the result as it is, or a part of it that says so', async (t) => {
  t.same(itemResult({ content: [{ type: 'text', text: 'a' }], more: 1 }), {
    content: [{ type: 'text', text: 'a' }],
    structuredContent: null,
    _meta: null,
  });
  for (const huge of [
    { content: [{ type: 'text', text: 'x'.repeat(3_000_000) }] },
    { content: [], structuredContent: { a: '\u0001'.repeat(500_000) } },
  ]) {
    const { content } = itemResult(huge);
    const { text } = content[0] as { text: string };
    t.match(text, /^Truncated tool output:\n/);
    t.match(text, /chars truncated/);
    t.ok(text.length < 1_100_000);
  }
});
