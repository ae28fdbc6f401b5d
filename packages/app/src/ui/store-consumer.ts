/** The store's place in the journal, among those of outputs. */
export const STORE_CONSUMER = 'store';
