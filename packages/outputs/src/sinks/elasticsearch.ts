/** Documents for Elasticsearch and OpenSearch. */

import { documentOf, type Encodable, encodeJson, type HubAlert, type HubValue } from '@peregrine/alert';
import {
  choice,
  delivered,
  flag,
  type Infer,
  integer,
  listIn,
  type Outcome,
  objectIn,
  parseObject,
  Secret,
  schema,
  secret,
  text,
  textIn,
  url,
} from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import type { HttpAnswer } from '../transport/http-answer.ts';
import { below, query } from './parts/address.ts';
import { basicAuth } from './parts/basic-auth.ts';
import { batchingKeys, batchLimits } from './parts/batching-keys.ts';
import { clientAfter } from './parts/client-after.ts';
import { indexTemplate, TEMPLATE_NAME } from './parts/index-template.ts';
import { withoutField } from './parts/without-field.ts';

/** Only what is read of the answer to many documents, since there is one part for each. */
const BULK_ANSWER = 'errors,items.*.status,items.*.error.type,items.*.error.reason';

const config = schema({
  hostport: url({ doc: 'Address of the server.', example: 'https://elasticsearch:9200' }),
  index: text({ default: 'falco', doc: 'Index, without the suffix.' }),
  type: text({
    default: '_doc',
    doc: 'Type of the documents; anything but `_doc` is for versions before 7.',
  }),
  suffix: choice(['daily', 'monthly', 'annually', 'none'], {
    default: 'daily',
    doc: 'How often a new index begins: its name ends with the date.',
  }),
  pipeline: text({ default: '', doc: 'Ingest pipeline that documents go through.' }),
  apikey: secret({ default: new Secret(''), doc: 'API key, base64.' }),
  username: text({ default: '', doc: 'User, where there is no API key.' }),
  password: secret({ default: new Secret(''), doc: 'Password of the user.' }),
  documentids: flag({
    default: true,
    doc: 'Name each document after its alert, so that none is stored twice; false where the server takes no names, as time series of OpenSearch Serverless.',
  }),
  flattenfields: flag({ default: false, doc: 'Write the dots in names of fields as `_`.' }),
  createindextemplate: flag({
    default: false,
    doc: 'Create the index template `falco` where there is none; implies `flattenfields`.',
  }),
  numberofshards: integer({ default: 3, min: 1, doc: 'Shards of an index, in the template.' }),
  numberofreplicas: integer({ default: 3, min: 0, doc: 'Replicas of each shard, in the template.' }),
  enablecompression: flag({ default: false, doc: 'Compress requests with gzip.' }),
  batching: batchingKeys(5_242_880),
});
type Config = Infer<typeof config>;

export const elasticsearch = defineHttpSink({
  name: 'elasticsearch',
  title: 'Elasticsearch',
  category: 'logs',
  doc: 'Stores each alert as a document in Elasticsearch or OpenSearch.',
  config,
  enabledBy: ['hostport'],
  request: (alert, settings, { nowMs }) => ({
    url: `${below(
      settings.hostport,
      indexName(settings, nowMs),
      settings.type,
      ...(settings.documentids ? [alert.uuid] : []),
    )}${query({ op_type: settings.documentids ? 'create' : undefined, pipeline: settings.pipeline })}`,
    headers: authorization(settings),
    json: documentFor(alert, settings),
    isCompressed: settings.enablecompression,
  }),
  batch: {
    limits: ({ batching }) => batchLimits(batching),
    triesAlone: true,
    request: (alerts, settings, { nowMs }) => {
      const _index = indexName(settings, nowMs);
      const lines = alerts.flatMap((alert) => [
        encodeJson({ create: { _index, _id: settings.documentids ? alert.uuid : undefined } }),
        encodeJson(documentFor(alert, settings)),
      ]);
      return {
        url: `${below(settings.hostport, '_bulk')}${query({ pipeline: settings.pipeline, filter_path: BULK_ANSWER })}`,
        headers: { 'content-type': 'application/x-ndjson', ...authorization(settings) },
        body: `${lines.join('\n')}\n`,
        isCompressed: settings.enablecompression,
      };
    },
    classify: classifyBulk,
  },
  // A document of that name is there: an earlier attempt had come through.
  classify: ({ status, body }) =>
    status === 409 && body.includes('version_conflict_engine_exception') ? delivered : undefined,
  amend: (alert, { body }) => amended(alert, body),
  client: async (settings, context) =>
    settings.createindextemplate
      ? clientAfter(context, {
          what: 'the index template',
          isThere: { method: 'GET', url: below(settings.hostport, '_index_template', TEMPLATE_NAME) },
          create: {
            method: 'PUT',
            url: below(settings.hostport, '_index_template', TEMPLATE_NAME),
            json: indexTemplate({
              pattern: settings.suffix === 'none' ? settings.index : `${settings.index}-*`,
              shards: settings.numberofshards,
              replicas: settings.numberofreplicas,
            }),
          },
        })
      : undefined,
});

/** COMPAT: the date is that of sending, not of the alert. */
function indexName({ index, suffix }: Config, nowMs: number): string {
  const [year, month, day] = new Date(nowMs).toISOString().slice(0, 10).split('-');
  switch (suffix) {
    case 'daily':
      return `${index}-${year}.${month}.${day}`;
    case 'monthly':
      return `${index}-${year}.${month}`;
    case 'annually':
      return `${index}-${year}`;
    default:
      return index;
  }
}

function documentFor(alert: HubAlert, settings: Config): Readonly<Record<string, Encodable>> {
  const isFlat = settings.flattenfields || settings.createindextemplate;
  const fields: Record<string, HubValue> = {};
  for (const [name, value] of Object.entries(alert.fields)) fields[nameInIndex(name, isFlat)] = value;
  return { ...documentOf({ ...alert, fields }), '@timestamp': alert.time };
}

/** Dots make objects of fields, which must have names: `a..b` has none for one. */
function nameInIndex(name: string, isFlat: boolean): string {
  const isNameless = name.split('.').some((part) => part.trim() === '');
  return isFlat || isNameless ? name.replaceAll('.', '_').trim() || '_' : name;
}

/** COMPAT: a user with a password wins over an API key. */
function authorization({ apikey, username, password }: Config): Readonly<Record<string, string>> {
  const key = apikey.reveal();
  return { ...(key === '' ? {} : { authorization: `APIKey ${key}` }), ...basicAuth(username, password) };
}

/** One outcome for each alert; one for all where the answer is about the request. */
function classifyBulk(
  { status, body }: HttpAnswer,
  alerts: readonly HubAlert[],
): readonly Outcome[] | Outcome | undefined {
  if (status !== 200) return undefined;
  const answer = parseObject(body);
  if (answer?.errors === false) return delivered;
  const items = listIn(answer?.items);
  if (items.length !== alerts.length) {
    return { kind: 'retry', reason: 'the answer does not tell of each document', afterMs: undefined };
  }
  return items.map((item) => itemOutcome(objectIn(objectIn(item)?.create)));
}

function itemOutcome(item: Readonly<Record<string, unknown>> | undefined): Outcome {
  const status = Number(item?.status);
  const error = objectIn(item?.error);
  const reason = `status ${status}: ${textIn(error?.type)}: ${textIn(error?.reason)}`;
  if (status >= 200 && status < 300) return delivered;
  if (status === 409 && textIn(error?.type) === 'version_conflict_engine_exception') return delivered;
  return status === 400 || status === 409
    ? { kind: 'rejected', reason }
    : { kind: 'retry', reason, afterMs: undefined };
}

/** The alert without the field that the index cannot take: another alert has given it another type. */
function amended(alert: HubAlert, body: string): HubAlert | undefined {
  const error = objectIn(parseObject(body)?.error);
  const type = textIn(error?.type);
  if (!/^(?:document_parsing|mapper_parsing|illegal_argument)_exception$/.test(type)) return undefined;
  const named = /\[output_fields\.([^\]]+)\]/.exec(textIn(error?.reason))?.[1];
  return named === undefined ? undefined : withoutField(alert, named);
}
