/** The path of a row of bars that small counts over time make; no bar where there is nothing. */
export function sparkPath(counts: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length);
  return counts
    .map((count, i) =>
      count === 0
        ? ''
        : `M${((i + 0.5) * step).toFixed(1)} ${height}V${(height - Math.max(3, (count / most) * height)).toFixed(1)}`,
    )
    .join('');
}
