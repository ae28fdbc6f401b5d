/** Calls of a function of OpenFaaS. */

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

export const openfaas = defineHttpSink({
  name: 'openfaas',
  title: 'OpenFaaS',
  category: 'functions',
  doc: 'Calls a function of OpenFaaS with each alert.',
  config: schema({
    functionname: text({ default: '', doc: 'Name of the function.', example: 'delete-pod' }),
    functionnamespace: text({ default: 'openfaas-fn', doc: 'Namespace of the function.' }),
    gatewayservice: text({ default: 'gateway', doc: 'Service of the gateway.' }),
    gatewaynamespace: text({ default: 'openfaas', doc: 'Namespace of the gateway.' }),
    gatewayport: integer({ default: 8_080, min: 1, max: 65_535, doc: 'Port of the gateway.' }),
    kubeconfig: kubeconfigKey(),
    timeout: callTimeoutKey(),
  }),
  enabledBy: ['functionname'],
  refuses: (config) =>
    badNames(config, ['functionname', 'functionnamespace', 'gatewayservice', 'gatewaynamespace']),
  request: (alert, config, { deliveryId }) => {
    const { gatewayservice: service, gatewaynamespace: namespace, gatewayport: port } = config;
    const path = `/function/${config.functionname}.${config.functionnamespace}`;
    return config.kubeconfig === ''
      ? { url: `http://${service}.${namespace}:${port}${path}`, json: readyJsonOf(alert) }
      : {
          url: proxied({ namespace, service, port }, path),
          headers: { 'content-type': 'application/json', 'event-id': deliveryId },
          body: alert.json,
        };
  },
  client: ({ kubeconfig }, context) => functionClient(kubeconfig, context),
  classify: classifyCall,
  answerLines: (answer, config) => callLines(answer, `${config.functionname}.${config.functionnamespace}`),
});
