import t from 'tap';
import fc from 'fast-check';
import { toolParameters } from '../../../../server/sessions/tools/mcp/tool-schema.js';

const properties = (schemas: object): unknown => toolParameters({ type: 'object', properties: schemas }).properties;

t.test('what every endpoint takes is kept, and the rest left out', async (t) => {
  t.same(
    toolParameters({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'T',
      description: 'D',
      type: 'object',
      properties: { q: { type: 'string', description: 'd', format: 'uri', minLength: 1, default: 'x' } },
      required: ['q', 5],
      additionalProperties: false,
      $defs: { R: { type: 'object', properties: { z: { type: 'integer', minimum: 1 } } } },
    }),
    {
      type: 'object',
      description: 'D',
      properties: { q: { type: 'string', description: 'd' } },
      required: ['q'],
      additionalProperties: false,
      $defs: { R: { type: 'object', properties: { z: { type: 'integer' } } } },
    },
  );
});

t.test('what is missing is filled in as the official program does', async (t) => {
  t.same(
    properties({
      list: { type: 'array' },
      maybe: { type: ['array', 'null'] },
      object: { type: 'object' },
      constant: { const: 3 },
      any: {},
      yes: true,
      inferred: { properties: { x: {} } },
      items: { items: { type: 'number' } },
      either: { anyOf: [{ type: 'string', pattern: 'x' }, { type: 'null' }] },
      ref: { $ref: '#/$defs/R' },
      map: { type: 'object', additionalProperties: { type: 'string', format: 'x' } },
    }),
    {
      list: { type: 'array', items: { type: 'string' } },
      maybe: { type: ['array', 'null'], items: { type: 'string' } },
      object: { type: 'object', properties: {} },
      constant: { type: 'string', enum: [3] },
      any: {},
      yes: { type: 'string' },
      inferred: { type: 'object', properties: { x: {} } },
      items: { type: 'array', items: { type: 'number' } },
      either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      ref: { $ref: '#/$defs/R' },
      map: { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    },
  );
});

t.test('whatever a server writes, it is an object schema, and no deeper than anybody reads', async (t) => {
  fc.assert(fc.property(fc.jsonValue(), (value) => toolParameters(value).type === 'object'));
  let deep: object = { type: 'string' };
  for (let n = 0; n < 10_000; n++) deep = { type: 'array', items: deep };
  t.ok(JSON.stringify(toolParameters({ type: 'object', properties: { deep } })).length < 5_000);
  t.same(toolParameters(undefined), { type: 'object', properties: {} });
});
