/** Documents for Quickwit. */

import { type Encodable, readyJsonOf } from '@peregrine/alert';
import { flag, type Infer, schema, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { below, joined } from './parts/address.ts';
import { clientAfter } from './parts/client-after.ts';

const config = schema({
  hostport: url({ doc: 'Address of the server.', example: 'http://quickwit:7280' }),
  index: text({ default: 'falco', doc: 'Index of the documents.' }),
  apiendpoint: text({ default: 'api/v1', doc: 'Path of the API.' }),
  version: text({ default: '0.7', doc: 'Version of the index configuration, where the index is created.' }),
  autocreateindex: flag({ default: false, doc: 'Create the index where there is none.' }),
});
type Config = Infer<typeof config>;

export const quickwit = defineHttpSink({
  name: 'quickwit',
  title: 'Quickwit',
  category: 'logs',
  doc: 'Stores each alert as a document in Quickwit.',
  config,
  enabledBy: ['hostport'],
  request: (alert, settings) => ({
    url: below(joined(settings.hostport, settings.apiendpoint), settings.index, 'ingest'),
    json: readyJsonOf(alert),
  }),
  client: async (settings, context) => {
    const indexes = below(joined(settings.hostport, settings.apiendpoint), 'indexes');
    return settings.autocreateindex
      ? clientAfter(context, {
          what: 'the index',
          isThere: { method: 'GET', url: below(indexes, settings.index, 'describe') },
          create: { url: indexes, json: indexConfig(settings) },
        })
      : undefined;
  },
});

/** Fields of alerts come and go, so that the index takes any; `time` is what it is sorted by. */
function indexConfig({ index, version }: Config): Encodable {
  const field = (name: string, type = 'text'): Encodable => ({ name, type, fast: true });
  return {
    version,
    index_id: index,
    search_settings: { default_search_fields: ['rule', 'output'] },
    doc_mapping: {
      mode: 'dynamic',
      store_source: true,
      timestamp_field: 'time',
      dynamic_mapping: {
        description: 'Falco',
        expand_dots: true,
        fast: true,
        indexed: true,
        record: 'basic',
        stored: true,
        tokenizer: 'raw',
      },
      field_mappings: [
        field('time', 'datetime'),
        ...['uuid', 'hostname', 'priority', 'source', 'rule'].map((name) => field(name)),
        { name: 'output', type: 'text' },
        { name: 'tags', type: 'array<text>', fast: true },
        { name: 'output_fields', type: 'json', fast: true },
      ],
    },
  };
}
