/** The alert that a request is about. */

import { ApiError } from '@peregrine/api';
import type { AlertStore, KeptAlert } from '@peregrine/store';

/** `id`: its id in the store, or its uuid. Throws an `ApiError` where there is none. */
export async function alertNamed(store: Pick<AlertStore, 'get'>, id: string): Promise<KeptAlert> {
  const kept = await store.get(id);
  if (kept === undefined)
    throw new ApiError(404, 'no-alert', 'there is no such alert, or no longer', {
      hint: 'alerts are removed when they are older than `ui.maxage`, or when there are too many',
    });
  return kept;
}
