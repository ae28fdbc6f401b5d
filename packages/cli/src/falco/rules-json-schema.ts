/** The shape of rules files as a JSON schema, for editors. The loader's own checks go further. */

const text = { type: 'string' };
const texts = { type: 'array', items: { type: ['string', 'integer'] } };
const textOrTexts = { anyOf: [text, texts] };
const flag = { type: 'boolean' };
const overrides = (names: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(names.map((name) => [name, { enum: ['append', 'replace'] }])),
});

const exception = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: text, fields: textOrTexts, comps: textOrTexts, values: { type: 'array' } },
};

const pluginVersion = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'version'],
  properties: {
    name: text,
    version: text,
    alternatives: { type: 'array', items: { type: 'object', properties: { name: text, version: text } } },
  },
};

const item = {
  type: 'object',
  additionalProperties: false,
  properties: {
    required_engine_version: { type: ['string', 'integer'] },
    required_plugin_versions: { type: 'array', items: pluginVersion },
    list: text,
    items: texts,
    macro: text,
    rule: text,
    condition: text,
    output: text,
    desc: text,
    priority: {
      enum: [
        'EMERGENCY',
        'ALERT',
        'CRITICAL',
        'ERROR',
        'WARNING',
        'NOTICE',
        'INFO',
        'INFORMATIONAL',
        'DEBUG',
      ],
    },
    source: text,
    enabled: flag,
    capture: flag,
    capture_duration: { type: 'integer', minimum: 0 },
    warn_evttypes: flag,
    'skip-if-unknown-filter': flag,
    tags: texts,
    exceptions: { type: 'array', items: exception },
    append: flag,
    override: overrides([
      'items',
      'condition',
      'output',
      'desc',
      'priority',
      'tags',
      'exceptions',
      'enabled',
      'capture',
      'capture_duration',
      'warn_evttypes',
      'skip-if-unknown-filter',
    ]),
  },
};

export const rulesJsonSchema = Object.freeze({
  $schema: 'http://json-schema.org/draft-06/schema#',
  type: 'array',
  items: item,
});
