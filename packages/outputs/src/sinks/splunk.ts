/** Events for Splunk's HTTP Event Collector. */

import { type Encodable, ExactNumber, encodeJson, type HubAlert, readyJsonOf } from '@peregrine/alert';
import {
  delivered,
  type Infer,
  type Outcome,
  parseObject,
  Secret,
  schema,
  secret,
  url,
} from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import { batchingKeys, batchLimits } from './parts/batching-keys.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** What the collector takes as one event where nobody changed its limits, with room for what is around the alert. */
const MOST_EVENT_BYTES = 1_000_000;

/**
 * Codes of answers with status 400 that are about the token or the collector: the index is none that the token may write
 * to, a channel is missing or unknown, acknowledgement is off, the query has what it may not have.
 */
const aboutTheCollector = new Set([7, 10, 11, 14, 16]);

const config = schema({
  host: url({
    doc: 'Address of the event collector, with its path.',
    example: 'https://splunk:8088/services/collector/event',
  }),
  token: secret({ default: new Secret(''), doc: 'Token of the event collector.' }),
  batching: batchingKeys(524_288),
});
type Config = Infer<typeof config>;

export const splunk = defineHttpSink({
  name: 'splunk',
  title: 'Splunk',
  category: 'logs',
  doc: "Sends each alert as an event to Splunk's HTTP Event Collector.",
  config,
  enabledBy: ['host'],
  request: (alert, settings) => ({ url: settings.host, headers: headersOf(settings), json: eventOf(alert) }),
  classify: (answer) => classifyOne(answer),
  batch: {
    limits: ({ batching }) => batchLimits(batching),
    triesAlone: true,
    request: (alerts, settings) => ({
      url: settings.host,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headersOf(settings) },
      body: `${alerts.map((alert) => encodeJson(eventOf(alert))).join('\n')}\n`,
    }),
    classify: classifyMany,
  },
});

/** `time`: an alert may have waited, and the collector takes the time of arrival otherwise. */
function eventOf(alert: HubAlert): Encodable {
  return {
    time: new ExactNumber(secondsOf(alert.timeNs)),
    event: readyJsonOf(fitAlert(alert, MOST_EVENT_BYTES)),
    sourcetype: 'falcosidekick',
  };
}

/** With milliseconds, which is what the collector reads. */
function secondsOf(timeNs: bigint): string {
  const ms = timeNs / 1_000_000n;
  return `${ms / 1_000n}.${String(ms % 1_000n).padStart(3, '0')}`;
}

function headersOf({ token }: Config): Readonly<Record<string, string>> {
  return token.reveal() === '' ? {} : { authorization: `Splunk ${token.reveal()}` };
}

function classifyOne(answer: HttpAnswer): Outcome | undefined {
  const code = parseObject(answer.body)?.code;
  return answer.status === 400 && typeof code === 'number' && aboutTheCollector.has(code)
    ? { kind: 'retry', reason: reasonOf(answer), afterMs: undefined }
    : undefined;
}

/** What is in front of the first event that the collector cannot read is in the index. */
function classifyMany(
  answer: HttpAnswer,
  alerts: readonly HubAlert[],
): readonly Outcome[] | Outcome | undefined {
  const outcome = classifyOne(answer);
  const invalid = parseObject(answer.body)?.['invalid-event-number'];
  if (outcome !== undefined || answer.status !== 400 || typeof invalid !== 'number') return outcome;
  const reason = reasonOf(answer);
  return alerts.map((_alert, i) => {
    if (i < invalid) return delivered;
    return i === invalid
      ? { kind: 'rejected', reason }
      : { kind: 'retry', reason: 'follows one that is refused', afterMs: 0 };
  });
}
