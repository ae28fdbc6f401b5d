;; Checks JSON text byte by byte and notes where its upper values are: sixteen bytes at a time. See json-scanner.ts.
;; After a change: `node tools/scanner/assemble.ts`.
;;
;; Memory: 0 cells in use after the run, 4 the deepest nesting, 16 the open values that are noted (4 bytes for each
;; level), then what the parameters say. The text is followed by 64 zero bytes: a zero byte ends every run of bytes, and is
;; nothing of JSON's, so that no end has to be looked for.
(module
  (memory (export "memory") 1)

  ;; The first byte that is no space, tab, line feed or carriage return.
  (func $after_blanks (param $at i32) (result i32)
    (local $run v128)
    (local $others i32)
    (loop $blank
      (local.set $run (v128.load align=1 (local.get $at)))
      (local.set $others
        (i32.xor
          (i8x16.bitmask
            (v128.or
              (v128.or
                (i8x16.eq (local.get $run) (i8x16.splat (i32.const 0x20)))
                (i8x16.eq (local.get $run) (i8x16.splat (i32.const 0x0a))))
              (v128.or
                (i8x16.eq (local.get $run) (i8x16.splat (i32.const 0x0d)))
                (i8x16.eq (local.get $run) (i8x16.splat (i32.const 0x09))))))
          (i32.const 0xffff)))
      (if (i32.eqz (local.get $others))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $blank))))
    (i32.add (local.get $at) (i32.ctz (local.get $others))))

  (func $is_digit (param $at i32) (result i32)
    (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 0x30)) (i32.const 10)))

  (func $is_hex (param $at i32) (result i32)
    (i32.or
      (call $is_digit (local.get $at))
      (i32.lt_u
        (i32.sub (i32.or (i32.load8_u (local.get $at)) (i32.const 0x20)) (i32.const 0x61))
        (i32.const 6))))

  ;; What comes after an escape that begins at a backslash; 0 when it is none.
  (func $after_escape (param $at i32) (result i32)
    (local $byte i32)
    (local.set $byte (i32.load8_u offset=1 (local.get $at)))
    (if (i32.eq (local.get $byte) (i32.const 0x75)) ;; u
      (then
        (return
          (select
            (i32.add (local.get $at) (i32.const 6))
            (i32.const 0)
            (i32.and
              (i32.and
                (call $is_hex (i32.add (local.get $at) (i32.const 2)))
                (call $is_hex (i32.add (local.get $at) (i32.const 3))))
              (i32.and
                (call $is_hex (i32.add (local.get $at) (i32.const 4)))
                (call $is_hex (i32.add (local.get $at) (i32.const 5)))))))))
    (if (i32.ge_u (local.get $byte) (i32.const 0x80)) (then (return (i32.const 0))))
    (select
      (i32.add (local.get $at) (i32.const 2))
      (i32.const 0)
      (i32.wrap_i64
        (i64.and
          (i64.shr_u
            ;; Backslash and b f n r t less 0x40; quote and slash.
            (select
              (i64.const 0x0014404410000000)
              (i64.const 0x0000800400000000)
              (i32.ge_u (local.get $byte) (i32.const 0x40)))
            (i64.extend_i32_u (local.get $byte)))
          (i64.const 1)))))

  ;; What comes after a number, a minus or a digit being there; 0 when it is none.
  (func $after_number (param $at i32) (result i32)
    (local $byte i32)
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x2d)) ;; -
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (if (i32.eqz (call $is_digit (local.get $at))) (then (return (i32.const 0))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x30)) ;; 0
      (then (local.set $at (i32.add (local.get $at) (i32.const 1))))
      (else (local.set $at (call $after_digits (local.get $at)))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x2e)) ;; .
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.eqz (call $is_digit (local.get $at))) (then (return (i32.const 0))))
        (local.set $at (call $after_digits (local.get $at)))))
    (if (i32.eq (i32.or (i32.load8_u (local.get $at)) (i32.const 0x20)) (i32.const 0x65)) ;; e, E
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.or
              (i32.eq (local.get $byte) (i32.const 0x2b))
              (i32.eq (local.get $byte) (i32.const 0x2d)))
          (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (if (i32.eqz (call $is_digit (local.get $at))) (then (return (i32.const 0))))
        (local.set $at (call $after_digits (local.get $at)))))
    (local.get $at))

  (func $after_digits (param $at i32) (result i32)
    (loop $digit
      (if (call $is_digit (local.get $at))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $digit))))
    (local.get $at))

  ;; What comes after `true`, `false` or `null`; 0 when it is none of these.
  (func $after_word (param $at i32) (result i32)
    (local $word i32)
    (local.set $word (i32.load align=1 (local.get $at)))
    (if (i32.or
          (i32.eq (local.get $word) (i32.const 0x65757274))
          (i32.eq (local.get $word) (i32.const 0x6c6c756e)))
      (then (return (i32.add (local.get $at) (i32.const 4)))))
    (select
      (i32.add (local.get $at) (i32.const 5))
      (i32.const 0)
      (i32.and
        (i32.eq (local.get $word) (i32.const 0x736c6166))
        (i32.eq (i32.load8_u offset=4 (local.get $at)) (i32.const 0x65)))))

  ;; The text is between $at and $end; what is noted of positions is less $base. Values are noted down to $levels, in cells
  ;; from $cells up to $last_cell, which must leave room for one value more. $stack: a byte for each open list (0) or
  ;; object (1), $most_deep of them.
  ;; Gives -1 when it is JSON, -2 when it needs more room for cells, -3 for the stack; else what was not expected.
  (func (export "scan")
    (param $at i32) (param $end i32) (param $base i32) (param $levels i32)
    (param $cells i32) (param $last_cell i32) (param $stack i32) (param $most_deep i32)
    (result i32)
    (local $byte i32)
    (local $depth i32)
    (local $deepest i32)
    (local $is_object i32)
    (local $key_start i32)
    (local $key_end i32)
    (local $is_escaped i32)
    (local $cell i32)
    (local $is_noted i32)
    (local $run v128)
    (local $specials i32)
    (local $after i32)
    (local $quotes v128)
    (local $backslashes v128)
    (local $spaces v128)
    (local.set $quotes (i8x16.splat (i32.const 0x22)))
    (local.set $backslashes (i8x16.splat (i32.const 0x5c)))
    (local.set $spaces (i8x16.splat (i32.const 0x20)))
    (local.set $cell (local.get $cells))
    (block $failed
      (loop $value
        (if (i32.le_u (local.tee $byte (i32.load8_u (local.get $at))) (i32.const 0x20))
          (then
            (local.set $at (call $after_blanks (local.get $at)))
            (local.set $byte (i32.load8_u (local.get $at)))))
        (if (local.get $is_object)
          (then
            ;; A key.
            (br_if $failed (i32.ne (local.get $byte) (i32.const 0x22)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $key_start (i32.sub (local.get $at) (local.get $base)))
            (local.set $is_escaped (i32.const 0))
            (block $closed
              (loop $text
                (local.set $run (v128.load align=1 (local.get $at)))
                (local.set $specials
                  (i8x16.bitmask
                    (v128.or
                      (v128.or
                        (i8x16.eq (local.get $run) (local.get $quotes))
                        (i8x16.eq (local.get $run) (local.get $backslashes)))
                      (i8x16.lt_u (local.get $run) (local.get $spaces)))))
                (if (i32.eqz (local.get $specials))
                  (then
                    (local.set $at (i32.add (local.get $at) (i32.const 16)))
                    (br $text)))
                (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $specials))))
                (local.set $byte (i32.load8_u (local.get $at)))
                (br_if $closed (i32.eq (local.get $byte) (i32.const 0x22)))
                (br_if $failed (i32.ne (local.get $byte) (i32.const 0x5c)))
                (br_if $failed (i32.eqz (local.tee $after (call $after_escape (local.get $at)))))
                (local.set $at (local.get $after))
                (local.set $is_escaped (i32.const -1))
                (br $text)))
            (local.set $key_end
              (i32.xor (i32.sub (local.get $at) (local.get $base)) (local.get $is_escaped)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (if (i32.le_u (local.tee $byte (i32.load8_u (local.get $at))) (i32.const 0x20))
              (then
                (local.set $at (call $after_blanks (local.get $at)))
                (local.set $byte (i32.load8_u (local.get $at)))))
            (br_if $failed (i32.ne (local.get $byte) (i32.const 0x3a)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (if (i32.le_u (local.tee $byte (i32.load8_u (local.get $at))) (i32.const 0x20))
              (then
                (local.set $at (call $after_blanks (local.get $at)))
                (local.set $byte (i32.load8_u (local.get $at)))))
          ))
        (local.set $is_noted (i32.le_u (local.get $depth) (local.get $levels)))
        (if (local.get $is_noted)
          (then
            (if (i32.gt_u (local.get $cell) (local.get $last_cell)) (then (return (i32.const -2))))
            (i32.store (local.get $cell) (local.get $key_start))
            (i32.store offset=4 (local.get $cell) (local.get $key_end))
            (i32.store offset=8 (local.get $cell) (i32.sub (local.get $at) (local.get $base)))))
        (block $scalar
          (block $ends
            (if (i32.eq (local.get $byte) (i32.const 0x22))
              (then
                ;; A text.
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (block $closed
                  (loop $text
                    (local.set $run (v128.load align=1 (local.get $at)))
                    (local.set $specials
                      (i8x16.bitmask
                        (v128.or
                          (v128.or
                            (i8x16.eq (local.get $run) (local.get $quotes))
                            (i8x16.eq (local.get $run) (local.get $backslashes)))
                          (i8x16.lt_u (local.get $run) (local.get $spaces)))))
                    (if (i32.eqz (local.get $specials))
                      (then
                        (local.set $at (i32.add (local.get $at) (i32.const 16)))
                        (br $text)))
                    (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $specials))))
                    (local.set $byte (i32.load8_u (local.get $at)))
                    (br_if $closed (i32.eq (local.get $byte) (i32.const 0x22)))
                    (br_if $failed (i32.ne (local.get $byte) (i32.const 0x5c)))
                    (br_if $failed (i32.eqz (local.tee $after (call $after_escape (local.get $at)))))
                    (local.set $at (local.get $after))
                    (br $text)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $scalar)))
            ;; Brackets and braces differ in this bit, and nothing else becomes what they become.
            (if (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x7b))
              (then
                ;; A list or an object opens.
                (if (i32.ge_u (local.get $depth) (local.get $most_deep)) (then (return (i32.const -3))))
                (if (local.get $is_noted)
                  (then
                    (i32.store offset=16
                      (i32.shl (local.get $depth) (i32.const 2))
                      (local.get $cell))
                    (local.set $cell (i32.add (local.get $cell) (i32.const 20)))))
                (local.set $is_object (i32.eq (local.get $byte) (i32.const 0x7b)))
                (i32.store8 (i32.add (local.get $stack) (local.get $depth)) (local.get $is_object))
                (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
                (if (i32.gt_u (local.get $depth) (local.get $deepest))
                  (then (local.set $deepest (local.get $depth))))
                (local.set $key_start (i32.const 0))
                (local.set $key_end (i32.const 0))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (if (i32.le_u (local.tee $byte (i32.load8_u (local.get $at))) (i32.const 0x20))
                  (then
                    (local.set $at (call $after_blanks (local.get $at)))
                    (local.set $byte (i32.load8_u (local.get $at)))))
                ;; What closes is two more than what opened.
                (br_if $value
                  (i32.ne
                    (local.get $byte)
                    (i32.add (i32.const 0x5d) (i32.shl (local.get $is_object) (i32.const 5)))))
                (br $ends)))
            (local.set $after
              (if (result i32)
                (i32.or
                  (i32.eq (local.get $byte) (i32.const 0x2d))
                  (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10)))
                (then (call $after_number (local.get $at)))
                (else (call $after_word (local.get $at)))))
            (br_if $failed (i32.eqz (local.get $after)))
            (local.set $at (local.get $after))
            (br $scalar))
          (local.set $is_noted (i32.const 0)))
        (if (local.get $is_noted)
          (then
            (i32.store offset=12 (local.get $cell) (i32.sub (local.get $at) (local.get $base)))
            (local.set $cell (i32.add (local.get $cell) (i32.const 20)))
            (i32.store offset=16
              (i32.sub (local.get $cell) (i32.const 20))
              (i32.shr_u (i32.sub (local.get $cell) (local.get $cells)) (i32.const 2)))))
        ;; A value has ended, or what it is in is about to.
        (loop $ended
          (if (i32.eqz (local.get $depth))
            (then
              (local.set $at (call $after_blanks (local.get $at)))
              (br_if $failed (i32.ne (local.get $at) (local.get $end)))
              (i32.store
                (i32.const 0)
                (i32.shr_u (i32.sub (local.get $cell) (local.get $cells)) (i32.const 2)))
              (i32.store (i32.const 4) (local.get $deepest))
              (return (i32.const -1))))
          (if (i32.le_u (local.tee $byte (i32.load8_u (local.get $at))) (i32.const 0x20))
            (then
              (local.set $at (call $after_blanks (local.get $at)))
              (local.set $byte (i32.load8_u (local.get $at)))))
          (if (i32.eq (local.get $byte) (i32.const 0x2c))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $value)))
          (br_if $failed
            (i32.ne
              (local.get $byte)
              (i32.add (i32.const 0x5d) (i32.shl (local.get $is_object) (i32.const 5)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
          (if (i32.le_u (local.get $depth) (local.get $levels))
            (then
              (local.set $after (i32.load offset=16 (i32.shl (local.get $depth) (i32.const 2))))
              (i32.store offset=12 (local.get $after) (i32.sub (local.get $at) (local.get $base)))
              (i32.store offset=16
                (local.get $after)
                (i32.shr_u (i32.sub (local.get $cell) (local.get $cells)) (i32.const 2)))))
          (local.set $is_object
            (if (result i32)
              (local.get $depth)
              (then
                (i32.load8_u
                  (i32.sub (i32.add (local.get $stack) (local.get $depth)) (i32.const 1))))
              (else (i32.const 0))))
          (local.set $key_start (i32.const 0))
          (local.set $key_end (i32.const 0))
          (br $ended))
        (unreachable)))
    (local.get $at)))
