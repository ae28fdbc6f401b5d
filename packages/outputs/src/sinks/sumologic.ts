/** Log lines for Sumo Logic. */

import { type HubAlert, readyJsonOf } from '@peregrine/alert';
import { type Infer, schema, text, url } from '@peregrine/base';
import { defineHttpSink, type HttpRequest } from '../sink.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** Sumo Logic splits longer lines, and wants requests of at most 1 MB. */
const MOST_LINE_BYTES = 64 * 1024;
const MOST_BATCH_BYTES = 900_000;
const MOST_ALERTS = 1_000;

const config = schema({
  receiverurl: url({
    doc: 'Address of the HTTP source; whoever has it can post.',
    example: 'https://collectors.sumologic.com/receiver/v1/http/XXXX',
  }),
  sourcecategory: text({ default: '', doc: 'Category of the lines, in place of that of the source.' }),
  sourcehost: text({ default: '', doc: 'Host of the lines, in place of that of the source.' }),
  name: text({ default: '', doc: 'Name of the source that the lines have, in place of its own.' }),
});
type Config = Infer<typeof config>;

export const sumologic = defineHttpSink({
  name: 'sumologic',
  title: 'SumoLogic',
  category: 'logs',
  doc: 'Sends each alert as a log line to an HTTP source of Sumo Logic.',
  config,
  enabledBy: ['receiverurl'],
  request: (alert, settings) => ({
    url: settings.receiverurl,
    headers: headersOf(settings),
    json: readyJsonOf(fitAlert(alert, MOST_LINE_BYTES)),
  }),
  batch: {
    limits: () => ({ mostAlerts: MOST_ALERTS, mostBytes: MOST_BATCH_BYTES, waitMs: 0 }),
    request: linesFor,
  },
});

function linesFor(alerts: readonly HubAlert[], settings: Config): HttpRequest {
  return {
    url: settings.receiverurl,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headersOf(settings) },
    body: alerts.map((alert) => `${fitAlert(alert, MOST_LINE_BYTES).json}\n`).join(''),
  };
}

function headersOf({ sourcecategory, sourcehost, name }: Config): Readonly<Record<string, string>> {
  return {
    ...(sourcecategory === '' ? {} : { 'x-sumo-category': sourcecategory }),
    ...(sourcehost === '' ? {} : { 'x-sumo-host': sourcehost }),
    ...(name === '' ? {} : { 'x-sumo-name': name }),
  };
}
