/** Interfaces of what wakes people up, and of Datadog, as strict as their documentation. */

import { listIn, objectIn, textIn } from '@peregrine/base';
import { headerOf, objectsIn, type StrictApi, strictApi } from './strict-body.ts';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/;

/** Events API v2 of PagerDuty. */
export const pagerdutyApi = strictApi({
  accepted: 202,
  mostBytes: 512 * 1_024,
  look: (body, complaints, { path }) => {
    complaints.expect(path === '/v2/enqueue', `path ${path}`);
    complaints.keys(body, 'the event', [
      'routing_key',
      'event_action',
      'dedup_key',
      'payload',
      'images',
      'links',
      'client',
      'client_url',
    ]);
    complaints.expect(textIn(body.routing_key).length === 32, 'the key');
    complaints.word(body.event_action, 'event_action', ['trigger', 'acknowledge', 'resolve']);
    complaints.text(body.dedup_key, 'dedup_key', { least: 1, most: 255 });
    const payload = objectIn(body.payload) ?? {};
    complaints.keys(payload, 'payload', [
      'summary',
      'source',
      'severity',
      'timestamp',
      'component',
      'group',
      'class',
      'custom_details',
    ]);
    complaints.text(payload.summary, 'summary', { least: 1, most: 1_024 });
    complaints.text(payload.source, 'source', { least: 1 });
    complaints.word(payload.severity, 'severity', ['critical', 'error', 'warning', 'info']);
    complaints.expect(rfc3339.test(String(payload.timestamp)), 'timestamp');
    complaints.expect(objectIn(payload.custom_details) !== undefined, 'custom_details');
  },
});

/** Alert API of Opsgenie. */
export const opsgenieApi = strictApi({
  accepted: 202,
  refused: 422,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/v2/alerts', `path ${request.path}`);
    complaints.expect(/^GenieKey [\w-]+$/.test(headerOf(request, 'authorization') ?? ''), 'the key');
    complaints.keys(body, 'the alert', [
      'message',
      'alias',
      'description',
      'responders',
      'tags',
      'details',
      'entity',
      'source',
      'priority',
      'user',
      'note',
    ]);
    complaints.text(body.message, 'message', { least: 1, most: 130 });
    complaints.text(body.alias, 'alias', { most: 512 });
    complaints.text(body.description, 'description', { most: 15_000 });
    complaints.text(body.entity, 'entity', { most: 512 });
    complaints.word(body.priority, 'priority', ['P1', 'P2', 'P3', 'P4', 'P5']);
    let size = 0;
    for (const [name, value] of Object.entries(objectIn(body.details) ?? {})) {
      complaints.text(value, `details.${name}`, {});
      size += name.length + textIn(value).length;
    }
    complaints.expect(size <= 8_000, `${size} characters in details`);
  },
});

/** Events API of Datadog. */
export const datadogApi = strictApi({
  accepted: 202,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/api/v1/events', `path ${request.path}`);
    complaints.expect(/^[0-9a-f]{32}$/.test(headerOf(request, 'dd-api-key') ?? ''), 'the key');
    complaints.text(body.title, 'title', { least: 1, most: 500 });
    complaints.text(body.text, 'text', { least: 1, most: 4_000 });
    complaints.word(body.alert_type, 'alert_type', ['error', 'warning', 'info', 'success', 'user_update']);
    for (const tag of listIn(body.tags)) complaints.text(tag, 'a tag', { most: 200 });
    const { date_happened: date } = body;
    complaints.expect(date === undefined || Number.isSafeInteger(date), 'date_happened');
  },
});

const entryApi = strictApi({
  accepted: 202,
  mostBytes: 1_000_000,
  look: (body, complaints, request) => {
    complaints.expect(request.path === '/api/v2/logs', `path ${request.path}`);
    complaints.expect(/^[0-9a-f]{32}$/.test(headerOf(request, 'dd-api-key') ?? ''), 'the key');
    complaints.keys(body, 'the entry', ['ddsource', 'ddtags', 'hostname', 'message', 'service']);
    complaints.text(body.message, 'message', { least: 1 });
  },
});

/** Logs API of Datadog: an entry, or a list of them. */
export const datadoglogsApi: StrictApi = (request) => {
  if (!request.body.startsWith('[')) return entryApi(request);
  const entries = objectsIn(JSON.parse(request.body));
  if (entries.length > 1_000 || Buffer.byteLength(request.body) > 5_000_000) return { status: 413 };
  const answers = entries.map((entry) => entryApi({ ...request, body: JSON.stringify(entry) }));
  return answers.find(({ status }) => status !== 202) ?? { status: 202 };
};
