/** Messages to a channel of Microsoft Teams, through a workflow or one of the connectors that came before. */

import { choice, type Outcome, schema, text, url } from '@peregrine/base';
import { defineHttpSink } from '../sink.ts';
import { type HttpAnswer, reasonOf } from '../transport/http-answer.ts';
import { LOGO, outputFormat } from './parts/chat.ts';
import { adaptiveCard, messageCard } from './parts/teams-cards.ts';

/** Where Power Automate takes what starts a workflow. */
const workflowHost = /\.(?:logic\.azure\.[a-z]+|powerplatform\.[a-z.]+)$/;

export const teams = defineHttpSink({
  name: 'teams',
  title: 'Teams',
  category: 'chat',
  doc: 'Sends each alert as a card to a channel of Microsoft Teams.',
  config: schema({
    webhookurl: url({
      doc: 'Address of the workflow or of the connector; whoever has it can post.',
      example:
        'https://prod-01.westeurope.logic.azure.com:443/workflows/0000/triggers/manual/paths/invoke?sig=XXXX',
    }),
    activityimage: text({ default: LOGO, doc: 'Address of the picture in the card; empty, there is none.' }),
    outputformat: outputFormat('facts'),
    cardformat: choice(['auto', 'adaptivecard', 'messagecard'], {
      default: 'auto',
      doc: 'Workflows take an Adaptive Card, connectors a MessageCard; `auto` goes by the address.',
    }),
  }),
  enabledBy: ['webhookurl'],
  request: (alert, config) => ({
    url: config.webhookurl,
    json: isForWorkflow(config) ? adaptiveCard(alert, config) : messageCard(alert, config),
  }),
  classify: (answer, _alert, config) =>
    isForWorkflow(config) ? classifyWorkflow(answer) : classifyConnector(answer),
});

function isForWorkflow(config: {
  readonly webhookurl: string;
  readonly cardformat: 'auto' | 'adaptivecard' | 'messagecard';
}): boolean {
  return config.cardformat === 'auto'
    ? workflowHost.test(new URL(config.webhookurl).hostname)
    : config.cardformat === 'adaptivecard';
}

/** A connector answers 200 whatever Teams said, and has that in the text. */
function classifyConnector(answer: HttpAnswer): Outcome | undefined {
  if (answer.status !== 200 || !answer.body.includes('delivery failed')) return undefined;
  const status = Number(/HTTP error (\d+)/.exec(answer.body)?.[1]);
  const reason = reasonOf(answer);
  return status === 400 || status === 413
    ? { kind: 'rejected', reason }
    : { kind: 'retry', reason, afterMs: undefined };
}

/** A workflow that is switched off says so with a status for bad requests. */
function classifyWorkflow(answer: HttpAnswer): Outcome | undefined {
  if (answer.status !== 400 || !answer.body.includes('TriggerIsNotEnabled')) return undefined;
  return { kind: 'retry', reason: reasonOf(answer), afterMs: undefined };
}
