/** Calls of a function of Fission. */

import { readyJsonOf } from '@peregrine/alert';
import { integer, schema, text } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import {
  badNames,
  callLines,
  callTimeoutKey,
  classifyCall,
  functionClient,
  kubeconfigKey,
  proxied,
} from './parts/function-call.ts';

export const fission = defineHttpSink({
  name: 'fission',
  title: 'Fission',
  // COMPAT: the one label with a capital.
  destination: 'Fission',
  category: 'functions',
  doc: 'Calls a function of Fission with each alert.',
  config: schema({
    function: text({ default: '', doc: 'Name of the function.', example: 'delete-pod' }),
    functionnamespace: text({
      default: 'fission-function',
      doc: 'Namespace of the function; taken for compatibility, since the router knows it.',
    }),
    routerservice: text({ default: 'router', doc: 'Service of the router.' }),
    routernamespace: text({ default: 'fission', doc: 'Namespace of the router.' }),
    routerport: integer({ default: 80, min: 1, max: 65_535, doc: 'Port of the router.' }),
    kubeconfig: kubeconfigKey(),
    timeout: callTimeoutKey(),
  }),
  enabledBy: ['function'],
  refuses: (config) => badNames(config, ['function', 'routerservice', 'routernamespace']),
  request: (alert, config, { deliveryId }) => {
    const { routerservice: service, routernamespace: namespace, routerport: port } = config;
    const headers = { 'content-type': 'application/json', 'event-id': deliveryId };
    const path = `/fission-function/${config.function}`;
    return config.kubeconfig === ''
      ? {
          url: `http://${service}.${namespace}.svc.cluster.local:${port}${path}`,
          headers,
          json: readyJsonOf(alert),
        }
      : // COMPAT: two slashes, which the router takes as one.
        { url: proxied({ namespace, service, port }, `/${path}`), headers, body: alert.json };
  },
  client: ({ kubeconfig }, context) => functionClient(kubeconfig, context),
  classify: classifyCall,
  answerLines: (answer, config) => callLines(answer, config.function),
});
