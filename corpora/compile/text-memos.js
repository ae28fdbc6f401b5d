// rule 0: ((e.is_write = ("true") and e.number >= ("0")) and (e.path startswith ("/etc/") or e.path glob ("/home/*/.ssh/*")))
// rule 1: ((e.is_write = ("true") and e.number >= ("0")) and not e.path contains ("tmp") and t.name != ("cp"))
// rule 2: (e.path pmatch ("/usr/bin", "/bin") and e.number = ("3"))
// rule 3: (e.path regex ("a+b") or e.number = ("4"))
// event codes 0, 1, 2, 3, 4, 5
'use strict';
const read0 = readers[0], read1 = readers[1], read2 = readers[2], const0 = constants[0], test0 = tests[0], const1 = constants[1], test1 = tests[1], read3 = readers[3], const2 = constants[2], test2 = tests[2];
const memo0 = memos[0], known0 = memo0.known, kept0 = memo0.value;
function memo0Word0(text, at, missing) {
  let v;
  let bits = 0;
  if ((missing & 0x1) !== 0 && ((typeof (v = text) === 'string' && v.startsWith(const0)) || ((v = text) !== undefined && test0(v)))) bits |= 0x1;
  if ((missing & 0x2) !== 0 && !((typeof (v = text) === 'string' && v.includes(const1)))) bits |= 0x2;
  if ((missing & 0x4) !== 0 && ((v = text) !== undefined && test1(v))) bits |= 0x4;
  known0[at] |= missing;
  return (kept0[at] = (kept0[at] & ~missing) | bits);
}
function threadWord0(event, cache, missing) {
  let v;
  let bits = 0;
  if ((missing & 0x2) !== 0 && ((v = read3(event)) !== undefined && v !== const2)) bits |= 0x2;
  cache.known[0] |= missing;
  return (cache.value[0] = (cache.value[0] & ~missing) | bits);
}
function memo0Word1(text, at, missing) {
  let v;
  let bits = 0;
  if ((missing & 0x1) !== 0 && ((v = text) !== undefined && test2(v))) bits |= 0x1;
  known0[at + 1] |= missing;
  return (kept0[at + 1] = (kept0[at + 1] & ~missing) | bits);
}
return function match(event, hits) {
  let value1 = null, wanted = 0, at0 = -1, value2 = null;
  const cache = threadCache(event);
  let rules0 = 0xf & ~(cache.known[0] & ~cache.value[0] & 0x2);
  if ((rules0 & 0x3) !== 0 && !(read0(event) === true && (value1 === null ? (value1 = read1(event)) : value1) >= 0)) {
    rules0 &= -0x4;
    if (rules0 === 0) return 0;
  }
  if ((rules0 & 0x7) !== 0) {
    if (at0 < 0) at0 = memo0.slotOf((value2 === null ? (value2 = read2(event)) : value2));
    wanted = rules0 & 0x7;
    rules0 &= ((known0[at0] & wanted) === wanted ? kept0[at0] : memo0Word0((value2 === null ? (value2 = read2(event)) : value2), at0, wanted & ~known0[at0])) | -0x8;
    if (rules0 === 0) return 0;
  }
  if ((rules0 & 0x2) !== 0) {
    wanted = rules0 & 0x2;
    rules0 &= ((cache.known[0] & wanted) === wanted ? cache.value[0] : threadWord0(event, cache, wanted & ~cache.known[0])) | -0x3;
    if (rules0 === 0) return 0;
  }
  let count = 0;
  if ((rules0 & 0x1) !== 0) hits[count++] = 0;
  if ((rules0 & 0x2) !== 0) hits[count++] = 1;
  if ((rules0 & 0x4) !== 0 && (value1 === null ? (value1 = read1(event)) : value1) === 3) hits[count++] = 2;
  if ((rules0 & 0x8) !== 0 && ((value1 === null ? (value1 = read1(event)) : value1) === 4 || (((known0[(at0 < 0 ? (at0 = memo0.slotOf((value2 === null ? (value2 = read2(event)) : value2))) : at0) + 1] & 0x1) !== 0 ? kept0[at0 + 1] : memo0Word1((value2 === null ? (value2 = read2(event)) : value2), at0, 0x1)) & 0x1) !== 0)) hits[count++] = 3;
  return count;
};
