/**
 * Products of matrices: the only loop that takes time.
 *
 * Both matrices are packed: rows by fours, and in each four the numbers of a column side by side. The inner
 * loop then multiplies 4 by 4 numbers that it has loaded once. They are float64, which engines load without a
 * conversion, so sums are rounded to float32 once, at the end.
 */

const SIDE = 4;

/** Return how many numbers a packed matrix has. */
export function packedLength(rows, depth) {
  return Math.ceil(rows / SIDE) * SIDE * depth;
}

/**
 * Pack the numbers source[start + rowOffsets[r] + depthOffsets[k]]. Rows that fill up the last four keep what
 * they had: no result depends on them.
 */
export function pack(packed, source, start, rowOffsets, depthOffsets) {
  const depth = depthOffsets.length;
  for (let row = 0; row < rowOffsets.length; row++) {
    const from = start + rowOffsets[row];
    let to = (row - (row % SIDE)) * depth + (row % SIDE);
    for (let k = 0; k < depth; k++, to += SIDE) packed[to] = source[from + depthOffsets[k]];
  }
  return packed;
}

/**
 * Multiply packed rows by packed columns: out[at + r·rowStride + c] = bias[r] + Σ left[r, k]·right[c, k].
 *
 * @param {Float32Array} out
 * @param {Float64Array} left
 * @param {Float64Array} right
 * @param {{rows: number, columns: number, depth: number, at: number, rowStride: number}} shape
 * @param {Float64Array | Float32Array | null} bias Of each row.
 */
export function multiply(out, left, right, { rows, columns, depth, at, rowStride }, bias = null) {
  const block = new Float64Array(SIDE * SIDE);
  for (let row = 0; row < rows; row += SIDE) {
    const nRows = Math.min(SIDE, rows - row);
    for (let column = 0; column < columns; column += SIDE) {
      const nColumns = Math.min(SIDE, columns - column);
      multiplyBlock(block, left, row * depth, right, column * depth, depth);
      for (let r = 0; r < nRows; r++) {
        const to = at + (row + r) * rowStride + column;
        const start = bias ? bias[row + r] : 0;
        for (let c = 0; c < nColumns; c++) out[to + c] = start + block[r * SIDE + c];
      }
    }
  }
}

function multiplyBlock(block, left, l, right, r, depth) {
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (const end = l + SIDE * depth; l < end; l += SIDE, r += SIDE) {
    const a0 = left[l], a1 = left[l + 1], a2 = left[l + 2], a3 = left[l + 3];
    const b0 = right[r], b1 = right[r + 1], b2 = right[r + 2], b3 = right[r + 3];
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3;
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3;
    s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3;
    s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3;
  }
  block[0] = s00; block[1] = s01; block[2] = s02; block[3] = s03;
  block[4] = s10; block[5] = s11; block[6] = s12; block[7] = s13;
  block[8] = s20; block[9] = s21; block[10] = s22; block[11] = s23;
  block[12] = s30; block[13] = s31; block[14] = s32; block[15] = s33;
}
