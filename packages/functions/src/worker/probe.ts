/** The word that the worker ends at, when it is only to be seen whether it can be loaded. */
export const PROBE = 'probe';
