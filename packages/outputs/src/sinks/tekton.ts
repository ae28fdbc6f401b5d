/** Alerts for Tekton, which starts pipelines for them. */

import { readyJsonOf } from '@peregrine/alert';
import { schema, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';

export const tekton = defineHttpSink({
  name: 'tekton',
  title: 'Tekton',
  category: 'functions',
  doc: 'Posts each alert as JSON to an EventListener of Tekton.',
  config: schema({
    eventlistener: url({
      doc: 'Address of the EventListener.',
      example: 'http://el-falco-listener.pipelines.svc.cluster.local:8080',
    }),
  }),
  enabledBy: ['eventlistener'],
  request: (alert, config) => ({ url: config.eventlistener, json: readyJsonOf(alert) }),
});
