/** Keys by which destinations tell alerts apart, or take several for one. */

import type { HubAlert } from '@peregrine/alert';
import { type Template, templateDataOf } from '@peregrine/template';
import type { SinkCall } from '../../sink.ts';

/**
 * What the template makes of the alert, at most `most` UTF-16 units. Where there is no template or it makes nothing, that
 * of the delivery: the same in every attempt, so that one that was lost on its way back is no second alert.
 */
export function sameKey(
  key: Template | undefined,
  alert: HubAlert,
  { deliveryId }: SinkCall,
  most: number,
): string {
  const text = key?.render(templateDataOf(alert))?.trim() ?? '';
  return text === '' || text === '<no value>' ? deliveryId : text.slice(0, most).toWellFormed();
}
