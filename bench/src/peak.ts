/** Independent sums: enough to keep two units of four cycles' latency busy, few enough to stay in sixteen registers. */
const SUMS = 12;
/** Enough for a third of a millisecond: a page's clock counts in steps of 5 microseconds. */
const TURNS = 200_000;
const FLOPS_PER_TURN = SUMS * 4 * 2;

const SIMD = 0xfd;
const MULTIPLY = [SIMD, 0xe6, 0x01];
const ADD = [SIMD, 0xe4, 0x01];
const MULTIPLY_ADD = [SIMD, 0x85, 0x02];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const splat = (bytes: readonly number[]): number[] => [0x43, ...bytes, SIMD, 0x13];
const [HALF, ONE] = [splat([0, 0, 0, 0x3f]), splat([0, 0, 0x80, 0x3f])];
const leb = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 0x80))];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...leb(bytes.length), ...bytes];

/**
 * A module with one function, `run(turns)`: in each turn, each of {@link SUMS} vectors x becomes x/2 + 1, which depends on nothing but
 * its own last value. Fused multiply-adds where `fused`, else a product and a sum.
 */
export function peakModule(fused: boolean): Uint8Array<ArrayBuffer> {
  const [half, one] = [SUMS + 1, SUMS + 2];
  const sums = Array.from({ length: SUMS }, (_, i) => i + 1);
  const advance = (x: number): number[] =>
    fused
      ? [...get(x), ...get(half), ...get(one), ...MULTIPLY_ADD, ...set(x)]
      : [...get(x), ...get(half), ...MULTIPLY, ...get(one), ...ADD, ...set(x)];
  const total = sums.slice(1).flatMap((x) => [...get(x), ...ADD]);
  const code = [
    ...[0x01, SUMS + 2, 0x7b], // locals: vectors
    ...[...HALF, ...set(half), ...ONE, ...set(one)],
    ...[0x03, 0x40], // loop
    ...sums.flatMap(advance),
    ...[...get(0), 0x41, 0x01, 0x6b, 0x22, 0x00], // turns − 1, kept
    ...[0x0d, 0x00, 0x0b], // again while it is not 0; end
    ...[...get(1), ...total, SIMD, 0x1f, 0x00, 0x0b], // a result, so that nothing is left out
  ];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

type Run = (turns: number) => number;

let loops: readonly Run[] | null = null;

/** The loops that this host can compile. */
function compiled(): readonly Run[] {
  loops ??= [false, true]
    .map(peakModule)
    .filter((bytes) => WebAssembly.validate(bytes))
    .map((bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.run as Run);
  return loops;
}

/** What one core reaches in 128-bit multiply-adds at this moment, in flops a second; 0 where there is no SIMD. */
export function peak(): number {
  const rates = compiled().map((run) => {
    const times = Array.from({ length: 15 }, () => {
      const start = performance.now();
      run(TURNS);
      return performance.now() - start;
    });
    return (TURNS * FLOPS_PER_TURN) / (Math.min(...times) / 1e3); // the best: it is a limit
  });
  return Math.max(0, ...rates);
}
