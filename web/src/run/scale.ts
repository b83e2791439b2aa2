// Scales of drawings: where figures lie on a line, and which of them are named beside it.

/** Figures to name on an axis that begins at 0: round ones, about `wanted` of them. */
export function ticks(most: number, wanted: number): number[] {
  if (!(most > 0) || wanted < 1) return [0];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** The same for a length of time in milliseconds: whole seconds, minutes and hours, as one counts them. */
export function timeTicks(most: number, wanted: number): number[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5];
  if (!(most > 0) || wanted < 1) return [0];
  const step = steps.find((one) => most / one <= wanted) ?? Math.ceil(most / wanted / 864e5) * 864e5;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}
