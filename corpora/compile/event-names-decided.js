// rule 0: (evt.type in ("open", "openat") and e.number < ("3"))
// rule 1: (evt.type = ("execve") or evt.num = ("0"))
// rule 2: (evt.num < ("1") and e.number = ("1"))
// rule 3: not evt.type = ("generic")
// event codes 0, 1
'use strict';
const read0 = readers[0];
return function match(event, hits) {
  let rules0 = 0x9;
  let count = 0;
  if ((rules0 & 0x1) !== 0 && read0(event) < 3) hits[count++] = 0;
  if ((rules0 & 0x8) !== 0) hits[count++] = 3;
  return count;
};
// event codes 2
'use strict';
return function match(event, hits) {
  let rules0 = 0xa;
  let count = 0;
  if ((rules0 & 0x2) !== 0) hits[count++] = 1;
  if ((rules0 & 0x8) !== 0) hits[count++] = 3;
  return count;
};
// event codes 3, 5
'use strict';
return function match(event, hits) {
  let rules0 = 0x8;
  let count = 0;
  if ((rules0 & 0x8) !== 0) hits[count++] = 3;
  return count;
};
// event codes 4
'use strict';
const read1 = readers[1], const0 = constants[0];
return function match(event, hits) {
  let rules0 = 0x8;
  let count = 0;
  if ((rules0 & 0x8) !== 0 && !(read1(event) === const0)) hits[count++] = 3;
  return count;
};
