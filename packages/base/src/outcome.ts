/** What came of asking something remote, or the kernel: the loop that asked acts on it. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number | undefined }
  | { readonly kind: 'rejected'; readonly reason: string };

export const delivered: Outcome = Object.freeze({ kind: 'delivered' });
