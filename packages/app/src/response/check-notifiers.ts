/** Whether those can be told whom rules and the configuration name. */

import type { ResponsePlan } from '@peregrine/actions';
import { type Diagnostic, defineDiagnostic, nearestName } from '@peregrine/base';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import { K8S_EVENTS } from './notifier.ts';

export const noSuchNotifier = defineDiagnostic({
  code: 'response-no-such-notifier',
  severity: 'warning',
  doc: 'A notifier of responses is no output that is on, and nobody is told.',
  message: (name: string, where: string, _nearest: string | undefined) =>
    `${where} names the notifier \`${name}\`, which is no output that is on: nobody is told`,
  hint: (name, _where, nearest) =>
    nearest === undefined
      ? `turn the output \`${name}\` on, or name another`
      : `did you mean \`${nearest}\`?`,
});

/** COMPAT: notifiers that cannot be used are no reason not to start. */
export function checkNotifiers({ rules }: ResponsePlan, config: HubConfig): readonly Diagnostic[] {
  const names = [...config.outputs.map(({ sink }) => sink.name), K8S_EVENTS];
  const check = (name: string, where: string, span: Diagnostic['span']): readonly Diagnostic[] =>
    names.includes(name) ? [] : [noSuchNotifier.at({ span }, name, where, nearestName(name, names))];
  const span = config.placeOf('response', 'defaultnotifiers');
  return [
    ...config.settings.response.defaultnotifiers.flatMap((name) =>
      check(name, '`response.defaultnotifiers`', span),
    ),
    ...rules.flatMap((rule) =>
      rule.notifiers.flatMap((name) => check(name, `the response \`${rule.name}\``, rule.span)),
    ),
  ];
}
