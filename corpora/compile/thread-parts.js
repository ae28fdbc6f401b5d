// rule 0: ((e.is_write = ("true") and e.number >= ("0")) and t.name in ("sh", "bash", "zsh", "dash") and not t.user = ("0"))
// rule 1: ((e.is_write = ("true") and e.number >= ("0")) and t.aname startswith ("ssh"))
// rule 2: (t.name = ("nc") or e.number = ("7"))
// event codes 0, 1, 2, 3, 4, 5
'use strict';
const read0 = readers[0], read1 = readers[1], read2 = readers[2], const0 = constants[0], read3 = readers[3], const1 = constants[1], test0 = tests[0];
function threadWord0(event, cache, missing) {
  let bits = 0;
  if ((missing & 0x1) !== 0 && (!(read3(event) === 0) && const1.has(read2(event)))) bits |= 0x1;
  if ((missing & 0x2) !== 0 && test0(event)) bits |= 0x2;
  cache.known[0] |= missing;
  return (cache.value[0] = (cache.value[0] & ~missing) | bits);
}
return function match(event, hits) {
  let value1 = null, wanted = 0;
  const cache = threadCache(event);
  let rules0 = 0x7 & ~(cache.known[0] & ~cache.value[0] & 0x3);
  if ((rules0 & 0x3) !== 0 && !(read0(event) === true && (value1 === null ? (value1 = read1(event)) : value1) >= 0)) {
    rules0 &= -0x4;
    if (rules0 === 0) return 0;
  }
  if ((rules0 & 0x3) !== 0) {
    wanted = rules0 & 0x3;
    rules0 &= ((cache.known[0] & wanted) === wanted ? cache.value[0] : threadWord0(event, cache, wanted & ~cache.known[0])) | -0x4;
    if (rules0 === 0) return 0;
  }
  let count = 0;
  if ((rules0 & 0x1) !== 0) hits[count++] = 0;
  if ((rules0 & 0x2) !== 0) hits[count++] = 1;
  if ((rules0 & 0x4) !== 0 && (read2(event) === const0 || (value1 === null ? (value1 = read1(event)) : value1) === 7)) hits[count++] = 2;
  return count;
};
