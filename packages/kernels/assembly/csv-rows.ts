import { NULL } from './csv'

// Rows of a split that stand out. `rows` u32 row numbers go to `out`; each returns how many.

/**
 * Records that begin with the bytes at `prefix`, of which the first 8 of `length` are compared; records are of `stride`
 * bytes, start and end first.
 */
export function rowsStarting(
  p: usize,
  records: usize,
  stride: u32,
  rows: u32,
  prefix: usize,
  length: u32,
  out: usize,
): u32 {
  let count: u32 = 0
  const mask: u64 = length >= 8 ? ~(<u64>0) : ((<u64>1) << (length << 3)) - 1
  const wanted = load<u64>(prefix) & mask
  for (let row: u32 = 0; row < rows; row++, records += stride) {
    const start = load<u32>(records)
    if (load<u32>(records, 4) - start < length) continue
    if ((load<u64>(p + start) & mask) === wanted) store<u32>(out + (count++ << 2), row)
  }
  return count
}

/** Rows of which no field but the first is more than null; the table has `columns` fields of 8 bytes a row. */
export function rowsAlone(table: usize, columns: u32, rows: u32, out: usize): u32 {
  let count: u32 = 0
  const stride = (<usize>columns) << 3
  for (let row: u32 = 0; row < rows; row++, table += stride) {
    let column: u32 = 1
    while (column < columns && (load<u32>(table + ((<usize>column) << 3), 4) & NULL) !== 0) column++
    if (column === columns) store<u32>(out + (count++ << 2), row)
  }
  return count
}
