/** The machine's own files about names: `/etc/hosts`, and what `/etc/resolv.conf` says of short names. */

/** Dots that make a name complete enough to be asked for as it is first. */
const DEFAULT_NDOTS = 1;

/** Addresses that a hosts file gives a name, as text. Letter case does not count. */
export function addressesIn(hostsFile: string, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return hostsFile.split('\n').flatMap((line) => {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    return names.some((candidate) => candidate.toLowerCase() === wanted) ? [address] : [];
  });
}

/** The names to ask for, in order, until one has an address. A final dot means that the name is complete. */
export function searchNames(resolvConf: string, name: string): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  let domains: readonly string[] = [];
  let ndots = DEFAULT_NDOTS;
  for (const line of resolvConf.split('\n')) {
    const [key = '', ...values] = line.trim().split(/\s+/);
    if (key === 'search' || key === 'domain') domains = values.filter((domain) => domain !== '.');
    if (key !== 'options') continue;
    const given = values.find((value) => value.startsWith('ndots:'))?.slice('ndots:'.length);
    if (given !== undefined && /^\d{1,2}$/.test(given)) ndots = Number(given);
  }
  const longer = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= ndots ? [name, ...longer] : [...longer, name];
}
