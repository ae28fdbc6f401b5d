/** Amounts as Kubernetes writes them: `128Mi`, `0.5G`, `1e9`. */

const factors: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Bytes, rounded up; `undefined` for what is no amount. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = ''] =
    /^(\d+(?:\.\d*)?|\.\d+)(?:(m|[kMGTPE]|[KMGTPE]i)|([eE][-+]?\d{1,3}))?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Math.ceil(unit === '' ? Number(text) : Number(digits) * (factors[unit] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
