/** Interfaces of chats like Slack, of logs, brokers and workflows, as strict as their documentation. */

import { type JsonObject, objectIn, parseObject, textIn } from '@peregrine/base';
import type { ReceivedRequest } from '../http-receiver.ts';
import { type Complaints, headerOf, objectsIn, type StrictApi, strictApi } from './strict-body.ts';

/** Incoming webhooks of Mattermost and Rocket.Chat, which read what Slack reads. */
export const slackLikeApi = strictApi({
  accepted: 200,
  mostBytes: 1_000_000,
  look: (body, complaints) => {
    complaints.keys(body, 'the message', ['text', 'username', 'icon_url', 'channel', 'attachments']);
    if (body.text !== undefined) complaints.text(body.text, 'text', { most: 16_383 });
    for (const attachment of objectsIn(body.attachments)) {
      complaints.keys(attachment, 'an attachment', ['fallback', 'color', 'text', 'fields', 'footer']);
      // Nobody is called, whatever the alert says.
      const shown = JSON.stringify(attachment);
      complaints.expect(!/@(?:all|channel|here|everyone)\b|<!/.test(shown), 'somebody is called');
    }
  },
});

/** Webhooks of Zoho Cliq. */
export const cliqApi = strictApi({
  accepted: 204,
  look: (body, complaints) => {
    complaints.keys(body, 'the message', ['text', 'bot', 'card', 'slides', 'buttons']);
    complaints.text(body.text, 'text', { most: 10_000 });
    complaints.text(objectIn(body.bot)?.name, 'name', { least: 1 });
    for (const { type, data } of objectsIn(body.slides)) {
      complaints.word(type, 'type', ['text', 'table']);
      if (type === 'text') complaints.text(data, 'data', {});
      for (const row of objectsIn(objectIn(data)?.rows)) {
        complaints.keys(row, 'a row', ['field', 'value']);
        complaints.text(row.value, 'value', {});
      }
    }
  },
});

/** Messages of Gotify. */
export const gotifyApi = strictApi({
  accepted: 200,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/message', `path ${request.path}`);
    complaints.keys(body, 'the message', ['title', 'message', 'priority', 'extras']);
    complaints.text(body.title, 'title', {});
    complaints.text(body.message, 'message', { least: 1 });
    complaints.expect(Number.isInteger(body.priority), 'priority');
    const display = objectIn(objectIn(body.extras)?.['client::display']);
    complaints.word(display?.contentType, 'contentType', ['text/plain', 'text/markdown']);
  },
});

/** Annotations of Grafana, with its limits. */
export const grafanaApi = strictApi({
  accepted: 200,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/api/annotations', `path ${request.path}`);
    complaints.expect(/^Bearer \S+$/.test(headerOf(request, 'authorization') ?? ''), 'the token');
    complaints.keys(body, 'the annotation', ['dashboardId', 'panelId', 'time', 'timeEnd', 'tags', 'text']);
    complaints.expect(Number.isSafeInteger(body.time), 'time');
    complaints.text(body.text, 'text', { most: 65_535 });
    complaints.expect(Buffer.byteLength(JSON.stringify(body.tags)) <= 500, 'tags are too long');
  },
});

/** Formatted webhooks of Grafana OnCall. */
export const oncallApi = strictApi({
  accepted: 200,
  look: (body, complaints) => {
    complaints.text(body.alert_uid, 'alert_uid', { least: 1 });
    complaints.word(body.state, 'state', ['alerting', 'ok']);
    complaints.text(body.title, 'title', { least: 1 });
    complaints.text(body.message, 'message', {});
  },
});

/** Events of Spyderbat. */
export const spyderbatApi = strictApi({
  accepted: 200,
  contentType: 'application/ndjson',
  look: (body, complaints, request) => {
    complaints.expect(
      /\/source\/falcosidekick_\w+\/data\/sb-agent$/.test(request.path),
      `path ${request.path}`,
    );
    complaints.expect(headerOf(request, 'content-encoding') === 'gzip', 'content-encoding');
    complaints.expect(body.schema === 'falco_alert::1.0.0', 'schema');
    complaints.expect(Number.isSafeInteger(body.pid), 'pid');
    complaints.expect(typeof body.time === 'number', 'time');
    complaints.word(body.level, 'level', ['critical', 'high', 'medium', 'low', 'info']);
  },
});

/** Records of Kafka's REST proxy. */
export const kafkarestApi = strictApi({
  accepted: 200,
  contentType: 'application/vnd.kafka.binary.v2+json',
  look: (body, complaints) => {
    complaints.keys(body, 'the request', ['records']);
    for (const { value } of objectsIn(body.records)) {
      const bytes = Buffer.from(textIn(value), 'base64');
      complaints.expect(bytes.length <= 1_048_576, 'a record is too large');
      lookAtAlert(parseObject(bytes.toString('utf8')), complaints);
    }
  },
});

/** Receivers of CloudEvents in binary mode. */
export const cloudeventsApi = strictApi({
  accepted: 202,
  look: (body, complaints, request) => {
    for (const name of ['ce-id', 'ce-source', 'ce-type', 'ce-rule', 'ce-priority']) {
      complaints.expect(headerOf(request, name) !== undefined, `no ${name}`);
    }
    complaints.expect(headerOf(request, 'ce-specversion') === '1.0', 'ce-specversion');
    for (const [name, value] of request.headers.filter(([name]) => /^ce-/i.test(name))) {
      complaints.expect(/^ce-[a-z0-9]+$/i.test(name), `an attribute ${name}`);
      complaints.expect(/^[ -~]*$/.test(value) && !/"|%(?![0-9A-F]{2})/.test(value), `${name}: ${value}`);
    }
    lookAtAlert(body, complaints);
  },
});

/** What takes alerts as they are. */
export const alertApi = strictApi({ accepted: 200, look: lookAtAlert });

/** Falcosidekick-UI. */
export const webuiApi = strictApi({
  accepted: 200,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/', `path ${request.path}`);
    complaints.expect(Array.isArray(body.outputs), 'outputs');
    lookAtAlert(objectIn(body.event), complaints);
  },
});

const dynatraceRecord = strictApi({
  accepted: 204,
  look: (body, complaints) => {
    complaints.expect(!Number.isNaN(Date.parse(String(body.timestamp))), 'timestamp');
    complaints.expect(
      Buffer.byteLength(JSON.stringify(body.content ?? '')) <= 512_000,
      'content is too large',
    );
    complaints.text(body.severity, 'severity', { least: 1 });
  },
});

/** Log ingestion of Dynatrace: a list of records. */
export const dynatraceApi: StrictApi = (request) =>
  refusalIn(JSON.parse(request.body), request, dynatraceRecord);

function refusalIn(records: unknown, request: ReceivedRequest, api: StrictApi) {
  const answers = objectsIn(records).map((record) => api({ ...request, body: JSON.stringify(record) }));
  return answers.find(({ status }) => status >= 300) ?? { status: answers.length === 0 ? 400 : 204 };
}

function lookAtAlert(alert: JsonObject | undefined, complaints: Complaints): void {
  complaints.text(alert?.uuid, 'uuid', { least: 1 });
  complaints.text(alert?.output, 'output', {});
  complaints.text(alert?.priority, 'priority', { least: 1 });
  complaints.text(alert?.rule, 'rule', { least: 1 });
  complaints.expect(!Number.isNaN(Date.parse(String(alert?.time))), 'time');
  complaints.expect(objectIn(alert?.output_fields) !== undefined, 'output_fields');
}
