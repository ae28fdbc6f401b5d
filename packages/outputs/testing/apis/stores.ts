/** What stores of logs, queues and collectors take, as their documentation has it: they refuse all else. */

import { type JsonObject, listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import type { ReceivedRequest, ReceiverAnswer } from '../http-receiver.ts';
import { Complaints, headerOf, objectsIn, type StrictApi, strictApi } from './strict-body.ts';

/** The push interface of Loki, with its usual limits. */
export const lokiApi = strictApi({
  accepted: 204,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/loki/api/v1/push', `path ${request.path}`);
    complaints.keys(body, 'the body', ['streams']);
    for (const stream of objectsIn(body.streams)) {
      const labels = Object.entries(objectIn(stream.stream) ?? {});
      complaints.expect(labels.length > 0 && labels.length <= 15, `${labels.length} labels`);
      for (const [name, value] of labels) {
        complaints.expect(/^[a-zA-Z_][a-zA-Z0-9_]{0,1023}$/.test(name), `the label \`${name}\``);
        complaints.expect(Buffer.byteLength(textIn(value)) <= 2_048, `the value of \`${name}\` is too long`);
      }
      for (const [time, line, ...more] of listIn(stream.values).map(listIn)) {
        complaints.expect(/^\d{1,19}$/.test(textIn(time)), 'the time');
        complaints.text(line, 'the line', {});
        complaints.expect(Buffer.byteLength(textIn(line)) <= 262_144, 'the line is too long');
        complaints.expect(more.length === 0, 'the entry has more');
      }
    }
  },
});

/** Elasticsearch, one document: the objects that dots make of names must have names. */
export const elasticsearchApi = strictApi({
  accepted: 201,
  mostBytes: 100 * 1024 * 1024,
  look: (body, complaints, request) => {
    const isPath = /^\/[a-z0-9.-]+\/_doc\/[0-9a-f-]{36}\?op_type=create$/.test(request.path);
    complaints.expect(isPath, `path ${request.path}`);
    complaints.expect(!Number.isNaN(Date.parse(textIn(body['@timestamp']))), '@timestamp');
    for (const name of Object.keys(objectIn(body.output_fields) ?? {})) {
      const isNamed = name.split('.').every((part) => part.trim() !== '');
      complaints.expect(isNamed, `the field \`${name}\``);
    }
  },
});

/** The event collector of Splunk. */
export const splunkApi = strictApi({
  accepted: 200,
  mostBytes: 1_100_000,
  look: (body, complaints) => {
    complaints.keys(body, 'the event', ['time', 'host', 'source', 'sourcetype', 'index', 'fields', 'event']);
    complaints.expect(typeof body.time === 'number', 'time');
    complaints.text(body.sourcetype, 'sourcetype', { least: 1 });
    complaints.expect(Object.keys(objectIn(body.event) ?? {}).length > 0, 'the event is empty');
  },
});

/** `projects.topics.publish` of Pub/Sub. */
export const pubsubApi = strictApi({
  accepted: 200,
  mostBytes: 10_000_000,
  look: (body, complaints, request) => {
    complaints.expect(/^\/v1\/projects\/[\w-]+\/topics\/[\w-]+:publish$/.test(request.path), request.path);
    complaints.keys(body, 'the body', ['messages']);
    for (const message of objectsIn(body.messages)) {
      complaints.keys(message, 'a message', ['data', 'attributes', 'orderingKey']);
      complaints.expect(holdsAlert(message.data), 'data is no alert');
    }
  },
});

/** `logs.import` of Chronicle. */
export const chronicleApi = strictApi({
  accepted: 200,
  mostBytes: 4_000_000,
  look: (body, complaints) => {
    complaints.keys(body, 'the body', ['inlineSource']);
    for (const log of objectsIn(objectIn(body.inlineSource)?.logs)) {
      complaints.keys(log, 'a log', ['data', 'logEntryTime', 'collectionTime']);
      complaints.expect(holdsAlert(log.data), 'data is no alert');
      const [made, collected] = [log.logEntryTime, log.collectionTime].map((time) =>
        Date.parse(textIn(time)),
      );
      complaints.expect(made !== undefined && collected !== undefined && collected >= made, 'times');
    }
  },
});

/** One record of Kinesis, and so of Yandex' streams. */
export const datastreamsApi: StrictApi = (request) =>
  strictApi({
    accepted: 200,
    look: (body, complaints) => {
      const target = headerOf(request, 'x-amz-target');
      complaints.expect(target === 'Kinesis_20131202.PutRecord', `target ${target}`);
      complaints.keys(body, 'the body', ['StreamName', 'Data', 'PartitionKey']);
      complaints.text(body.PartitionKey, 'PartitionKey', { least: 1, most: 256 });
      complaints.expect(holdsAlert(body.Data), 'Data is no alert');
      complaints.expect(Buffer.byteLength(textIn(body.Data), 'base64') <= 1024 * 1024, 'Data is too long');
    },
  })(withType(request, 'application/x-amz-json-1.1'));

/** One event of Event Hubs, in the smallest tier. */
export const eventhubApi: StrictApi = (request) =>
  strictApi({
    accepted: 201,
    mostBytes: 256 * 1024,
    look: (body, complaints) => {
      complaints.expect(isAlert(body), 'the event is no alert');
      complaints.expect(/^\/[\w-]+\/messages\?/.test(request.path), `path ${request.path}`);
    },
  })(withType(request, 'application/atom+xml;type=entry;charset=utf-8'));

/** The line protocol of InfluxDB: tags and values that are escaped, and a time. */
export const influxdbApi: StrictApi = ({ path, body }) => {
  const part = '(?:\\\\[,= ]|[^,= \\n\\\\]|\\\\(?![,= ]))+';
  const line = new RegExp(
    `^events(?:,${part}=${part})+ value="(?:\\\\["\\\\]|[^"\\\\])*" \\d{1,19}\\n$`,
    's',
  );
  const tags = body
    .slice(0, body.indexOf(' value="'))
    .split(/(?<!\\),/)
    .slice(1);
  const isShort = tags.every((tag) => Buffer.byteLength(tag) <= 2 * 65_535);
  const isRight = path.startsWith('/write?db=falco') && line.test(body) && isShort;
  return isRight
    ? { status: 204 }
    : { status: 400, body: `partial write: unable to parse ${body.slice(0, 80)}` };
};

/** The format of Wavefront's points: quoted names and values within their limits. */
export const wavefrontApi: StrictApi = (request) => {
  const complaints = new Complaints();
  complaints.expect(request.path === '/report?f=wavefront', `path ${request.path}`);
  for (const line of request.body.split('\n').slice(0, -1)) {
    const match = /^"[\w.-]+" 1 \d{1,13} source="falco-exporter"((?: "[\w.-]+"="(?:\\.|[^"\\])*")*)$/.exec(
      line,
    );
    complaints.expect(match !== null, 'a line is no point');
    for (const [, name = '', value = ''] of (match?.[1] ?? '').matchAll(
      / "([\w.-]+)"="((?:\\.|[^"\\])*)"/g,
    )) {
      const length = name.length + value.replace(/\\n/g, ' ').replace(/\\(.)/g, '$1').length;
      complaints.expect(value !== '' && length <= 254, `the tag ${name} has ${length}`);
    }
  }
  return answerOf(complaints, 202);
};

/** OTLP over HTTP in JSON: what a collector's decoder of protocol buffers takes. */
export const otlpApi: StrictApi = (request) =>
  strictApi({
    accepted: 200,
    look: (body, complaints) => {
      const [levels = [], item = []] = otlpShapes[request.path] ?? [];
      let objects: readonly JsonObject[] = [body];
      for (const level of levels) objects = objects.flatMap((object) => objectsIn(object[level]));
      complaints.expect(objects.length > 0, `nothing at ${request.path}`);
      for (const object of objects) {
        complaints.keys(object, 'an item', item);
        for (const attribute of objectsIn(object.attributes)) lookAtAttribute(attribute, complaints);
        for (const key of Object.keys(object).filter((name) => name.endsWith('UnixNano'))) {
          complaints.expect(/^\d{1,20}$/.test(textIn(object[key])), key);
        }
      }
    },
  })(request);

const otlpShapes: Readonly<Record<string, readonly [levels: readonly string[], item: readonly string[]]>> = {
  '/v1/logs': [
    ['resourceLogs', 'scopeLogs', 'logRecords'],
    ['timeUnixNano', 'observedTimeUnixNano', 'severityNumber', 'severityText', 'body', 'attributes'],
  ],
  '/v1/traces': [
    ['resourceSpans', 'scopeSpans', 'spans'],
    ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano', 'attributes', 'events'],
  ],
};

const anyValueKeys = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue'];

function lookAtAttribute({ key, value }: JsonObject, complaints: Complaints): void {
  complaints.text(key, 'a key', {});
  const found = objectIn(value) ?? {};
  complaints.keys(found, 'a value', anyValueKeys);
  complaints.expect(Object.keys(found).length <= 1, 'a value is two');
  if ('intValue' in found) {
    const int = BigInt(textIn(found.intValue));
    complaints.expect(BigInt.asIntN(64, int) === int, 'an integer is too large');
  }
}

function holdsAlert(base64: unknown): boolean {
  return isAlert(parseObject(Buffer.from(textIn(base64), 'base64').toString('utf8')));
}

function isAlert(document: JsonObject | undefined): boolean {
  return typeof document?.uuid === 'string' && objectIn(document.output_fields) !== undefined;
}

/** The request as one of JSON, where it says the type that is wanted. */
function withType(request: ReceivedRequest, wanted: string): ReceivedRequest {
  if (headerOf(request, 'content-type') !== wanted) return request;
  const headers = request.headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  return { ...request, headers: [...headers, ['content-type', 'application/json']] };
}

function answerOf({ list }: Complaints, accepted: number): ReceiverAnswer {
  return list.length === 0 ? { status: accepted } : { status: 400, body: list.slice(0, 5).join('; ') };
}
