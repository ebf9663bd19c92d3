/** Questions of an MCP server for the person. */
import {
  anyOf,
  bool,
  dict,
  float,
  gated,
  json,
  list,
  nullish,
  omitted,
  oneOf,
  struct,
  tagged,
  text,
  u32,
  u64,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const McpElicitationArrayType = oneOf('McpElicitationArrayType', ['array']);
export type McpElicitationArrayType = Wire<typeof McpElicitationArrayType>;

export const McpElicitationBooleanType = oneOf('McpElicitationBooleanType', ['boolean']);
export type McpElicitationBooleanType = Wire<typeof McpElicitationBooleanType>;

export const McpElicitationBooleanSchema = struct(
  'McpElicitationBooleanSchema',
  {
    type: McpElicitationBooleanType,
    title: omitted(text),
    description: omitted(text),
    default: omitted(bool),
  },
  { strict: true },
);
export type McpElicitationBooleanSchema = Wire<typeof McpElicitationBooleanSchema>;

export const McpElicitationConstOption = struct(
  'McpElicitationConstOption',
  {
    const: text,
    title: text,
  },
  { strict: true },
);
export type McpElicitationConstOption = Wire<typeof McpElicitationConstOption>;

export const McpElicitationStringType = oneOf('McpElicitationStringType', ['string']);
export type McpElicitationStringType = Wire<typeof McpElicitationStringType>;

export const McpElicitationUntitledSingleSelectEnumSchema = struct(
  'McpElicitationUntitledSingleSelectEnumSchema',
  {
    type: McpElicitationStringType,
    title: omitted(text),
    description: omitted(text),
    enum: list(text),
    default: omitted(text),
  },
  { strict: true },
);
export type McpElicitationUntitledSingleSelectEnumSchema = Wire<typeof McpElicitationUntitledSingleSelectEnumSchema>;

export const McpElicitationTitledSingleSelectEnumSchema = struct(
  'McpElicitationTitledSingleSelectEnumSchema',
  {
    type: McpElicitationStringType,
    title: omitted(text),
    description: omitted(text),
    oneOf: list(McpElicitationConstOption),
    default: omitted(text),
  },
  { strict: true },
);
export type McpElicitationTitledSingleSelectEnumSchema = Wire<typeof McpElicitationTitledSingleSelectEnumSchema>;

export const McpElicitationSingleSelectEnumSchema = anyOf('McpElicitationSingleSelectEnumSchema', [
  McpElicitationUntitledSingleSelectEnumSchema,
  McpElicitationTitledSingleSelectEnumSchema,
]);
export type McpElicitationSingleSelectEnumSchema = Wire<typeof McpElicitationSingleSelectEnumSchema>;

export const McpElicitationUntitledEnumItems = struct(
  'McpElicitationUntitledEnumItems',
  {
    type: McpElicitationStringType,
    enum: list(text),
  },
  { strict: true },
);
export type McpElicitationUntitledEnumItems = Wire<typeof McpElicitationUntitledEnumItems>;

export const McpElicitationUntitledMultiSelectEnumSchema = struct(
  'McpElicitationUntitledMultiSelectEnumSchema',
  {
    type: McpElicitationArrayType,
    title: omitted(text),
    description: omitted(text),
    minItems: omitted(u64),
    maxItems: omitted(u64),
    items: McpElicitationUntitledEnumItems,
    default: omitted(list(text)),
  },
  { strict: true },
);
export type McpElicitationUntitledMultiSelectEnumSchema = Wire<typeof McpElicitationUntitledMultiSelectEnumSchema>;

export const McpElicitationTitledEnumItems = struct(
  'McpElicitationTitledEnumItems',
  {
    anyOf: list(McpElicitationConstOption),
  },
  { strict: true },
);
export type McpElicitationTitledEnumItems = Wire<typeof McpElicitationTitledEnumItems>;

export const McpElicitationTitledMultiSelectEnumSchema = struct(
  'McpElicitationTitledMultiSelectEnumSchema',
  {
    type: McpElicitationArrayType,
    title: omitted(text),
    description: omitted(text),
    minItems: omitted(u64),
    maxItems: omitted(u64),
    items: McpElicitationTitledEnumItems,
    default: omitted(list(text)),
  },
  { strict: true },
);
export type McpElicitationTitledMultiSelectEnumSchema = Wire<typeof McpElicitationTitledMultiSelectEnumSchema>;

export const McpElicitationMultiSelectEnumSchema = anyOf('McpElicitationMultiSelectEnumSchema', [
  McpElicitationUntitledMultiSelectEnumSchema,
  McpElicitationTitledMultiSelectEnumSchema,
]);
export type McpElicitationMultiSelectEnumSchema = Wire<typeof McpElicitationMultiSelectEnumSchema>;

export const McpElicitationLegacyTitledEnumSchema = struct(
  'McpElicitationLegacyTitledEnumSchema',
  {
    type: McpElicitationStringType,
    title: omitted(text),
    description: omitted(text),
    enum: list(text),
    enumNames: omitted(list(text)),
    default: omitted(text),
  },
  { strict: true },
);
export type McpElicitationLegacyTitledEnumSchema = Wire<typeof McpElicitationLegacyTitledEnumSchema>;

export const McpElicitationEnumSchema = anyOf('McpElicitationEnumSchema', [
  McpElicitationSingleSelectEnumSchema,
  McpElicitationMultiSelectEnumSchema,
  McpElicitationLegacyTitledEnumSchema,
]);
export type McpElicitationEnumSchema = Wire<typeof McpElicitationEnumSchema>;

export const McpElicitationNumberType = oneOf('McpElicitationNumberType', ['number', 'integer']);
export type McpElicitationNumberType = Wire<typeof McpElicitationNumberType>;

export const McpElicitationNumberSchema = struct(
  'McpElicitationNumberSchema',
  {
    type: McpElicitationNumberType,
    title: omitted(text),
    description: omitted(text),
    minimum: omitted(float),
    maximum: omitted(float),
    default: omitted(float),
  },
  { strict: true },
);
export type McpElicitationNumberSchema = Wire<typeof McpElicitationNumberSchema>;

export const McpElicitationObjectType = oneOf('McpElicitationObjectType', ['object']);
export type McpElicitationObjectType = Wire<typeof McpElicitationObjectType>;

export const McpElicitationStringFormat = oneOf('McpElicitationStringFormat', ['email', 'uri', 'date', 'date-time']);
export type McpElicitationStringFormat = Wire<typeof McpElicitationStringFormat>;

export const McpElicitationStringSchema = struct(
  'McpElicitationStringSchema',
  {
    type: McpElicitationStringType,
    title: omitted(text),
    description: omitted(text),
    minLength: omitted(u32),
    maxLength: omitted(u32),
    format: omitted(McpElicitationStringFormat),
    default: omitted(text),
  },
  { strict: true },
);
export type McpElicitationStringSchema = Wire<typeof McpElicitationStringSchema>;

export const McpElicitationPrimitiveSchema = anyOf('McpElicitationPrimitiveSchema', [
  McpElicitationEnumSchema,
  McpElicitationStringSchema,
  McpElicitationNumberSchema,
  McpElicitationBooleanSchema,
]);
export type McpElicitationPrimitiveSchema = Wire<typeof McpElicitationPrimitiveSchema>;

export const McpElicitationSchema = struct(
  'McpElicitationSchema',
  {
    $schema: omitted(text),
    type: McpElicitationObjectType,
    properties: dict(McpElicitationPrimitiveSchema),
    required: omitted(list(text)),
  },
  { strict: true },
);
export type McpElicitationSchema = Wire<typeof McpElicitationSchema>;

export const McpServerElicitationAction = oneOf('McpServerElicitationAction', ['accept', 'decline', 'cancel']);
export type McpServerElicitationAction = Wire<typeof McpServerElicitationAction>;

export const McpServerElicitationRequestParams = struct(
  'McpServerElicitationRequestParams',
  {
    threadId: text,
    turnId: nullish(text),
    serverName: text,
    environmentId: nullish(text),
  },
  {
    flatten: tagged(null, 'mode', {
      'openai/userVerification': gated(
        struct(null, {
          _meta: nullish(json),
          title: text,
          description: text,
          challenge: text,
        }),
      ),
      form: {
        _meta: nullish(json),
        message: text,
        requestedSchema: McpElicitationSchema,
      },
      'openai/form': {
        _meta: nullish(json),
        message: text,
        requestedSchema: json,
      },
      openaiForm: {
        _meta: nullish(json),
        message: text,
        requestedSchema: json,
      },
      url: {
        _meta: nullish(json),
        message: text,
        url: text,
        elicitationId: text,
      },
    }),
  },
);
export type McpServerElicitationRequestParams = Wire<typeof McpServerElicitationRequestParams>;

export const McpServerElicitationRequestResponse = struct('McpServerElicitationRequestResponse', {
  action: McpServerElicitationAction,
  content: nullish(json),
  _meta: nullish(json),
});
export type McpServerElicitationRequestResponse = Wire<typeof McpServerElicitationRequestResponse>;
