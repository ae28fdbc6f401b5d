/** The index template of Elasticsearch's documents: every field of an alert is a text, so that no two can disagree. */

import type { Encodable } from '@peregrine/alert';

/** COMPAT: one name, whatever the index is called. */
export const TEMPLATE_NAME = 'falco';

const searchable = (most: number): Encodable => ({
  type: 'text',
  fields: { keyword: { type: 'keyword', ignore_above: most } },
});

export function indexTemplate(options: {
  readonly pattern: string;
  readonly shards: number;
  readonly replicas: number;
}): Encodable {
  return {
    index_patterns: [options.pattern],
    template: {
      settings: { number_of_shards: options.shards, number_of_replicas: options.replicas },
      mappings: {
        // What a field holds first does not decide what it may hold later.
        dynamic_templates: ['string', 'long', 'double', 'boolean', 'date'].map((kind) => ({
          [`output_fields_${kind}`]: {
            path_match: 'output_fields.*',
            match_mapping_type: kind,
            mapping: searchable(256),
          },
        })),
        properties: {
          '@timestamp': { type: 'date' },
          time: { type: 'date' },
          hostname: searchable(256),
          output: searchable(2_048),
          priority: searchable(256),
          rule: searchable(256),
          source: searchable(256),
          tags: searchable(256),
          uuid: searchable(256),
        },
      },
    },
  };
}
