/** Lists of texts as the tables hold them: byte text, a NUL after each element. */

/** Elements joined by one blank. Only a list of two or more costs a new text. */
export function joinNulList(list: string): string {
  const end = list.charCodeAt(list.length - 1) === 0 ? list.length - 1 : list.length;
  const text = end === list.length ? list : list.slice(0, end);
  return text.includes('\0') ? text.replaceAll('\0', ' ') : text;
}

export function countNulList(list: string): number {
  let count = 0;
  for (let at = list.indexOf('\0'); at >= 0; at = list.indexOf('\0', at + 1)) count++;
  return list.length > 0 && list.charCodeAt(list.length - 1) !== 0 ? count + 1 : count;
}

/** Bytes of all elements together, without the NULs. */
export function lengthOfNulList(list: string): number {
  let nuls = 0;
  for (let at = list.indexOf('\0'); at >= 0; at = list.indexOf('\0', at + 1)) nuls++;
  return list.length - nuls;
}

/** The element at an index, from 0. */
export function elementOfNulList(list: string, index: number): string | undefined {
  let start = 0;
  for (let i = 0; i < index; i++) {
    const end = list.indexOf('\0', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  if (start >= list.length) return undefined;
  const end = list.indexOf('\0', start);
  return end < 0 ? list.slice(start) : list.slice(start, end);
}

/** What follows the first `=` in the element that begins with `name=`; the first such element counts. */
export function valueInNulList(list: string, name: string): string | undefined {
  const wanted = `${name}=`;
  let start = 0;
  while (start < list.length) {
    let end = list.indexOf('\0', start);
    if (end < 0) end = list.length;
    if (list.startsWith(wanted, start)) return list.slice(start + wanted.length, end);
    start = end + 1;
  }
  return undefined;
}
