import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { boxMuller32, boxMuller64 } from "./boxMuller.ts";
import { fma64 } from "./fma.ts";
import type { Generator } from "./generator.ts";
import { checkTarget, fillSerially } from "./target.ts";

const BLOCK = 16;

/**
 * Fills `out` with normal numbers, as torch does: from 16 contiguous elements on in blocks, one uniform draw each, the last
 * block drawn again where it is not full; else one by one in the order of memory, two 53-bit uniforms to a pair, of which
 * the second number waits in the generator.
 *
 * @param out float32 or float64, any strides
 * @throws TensorError `invalid_argument` unless std ≥ 0, `invalid_dtype`, `in_place`
 * @see torch.Tensor.normal_
 */
export function fillNormal(out: NDArray, mean: number, std: number, generator: Generator): void {
  if (!(std >= 0)) fail("invalid_argument", "normal_", "std must be at least 0", { std });
  checkTarget("normal_", out, ["float32", "float64"]);
  if (out.size >= BLOCK && out.isContiguous) {
    fillBlocks(out, mean, std, generator);
  } else if (mean === 0 && std === 1) {
    fillSerially(out, () => drawNormal(generator) + 0);
  } else {
    fillSerially(out, () => fma64(drawNormal(generator), std, mean));
  }
}

/**
 * Fills `out` with e^x, x normal, one by one in the order of memory.
 *
 * @param out float32 or float64, any strides
 * @throws TensorError `invalid_argument` unless std > 0, `invalid_dtype`, `in_place`
 * @see torch.Tensor.log_normal_
 */
export function fillLogNormal(out: NDArray, mean: number, std: number, generator: Generator): void {
  if (!(std > 0)) fail("invalid_argument", "logNormal_", "std must be above 0", { std });
  checkTarget("logNormal_", out, ["float32", "float64"]);
  fillSerially(out, () => Math.exp(fma64(drawNormal(generator), std, mean)));
}

function fillBlocks(out: NDArray, mean: number, std: number, { engine }: Generator): void {
  const { data, offset, size } = out;
  const end = offset + size;
  const whole = end - (size % BLOCK);
  if (data instanceof Float32Array) {
    const [center, spread] = [Math.fround(mean), Math.fround(std)];
    engine.fillUniform24(data, offset, end);
    boxMuller32(data, offset, whole, center, spread);
    if (whole === end) return;
    engine.fillUniform24(data, end - BLOCK, end);
    boxMuller32(data, end - BLOCK, end, center, spread);
  } else if (data instanceof Float64Array) {
    engine.fillUniform53(data, offset, end);
    boxMuller64(data, offset, whole, mean, std);
    if (whole === end) return;
    engine.fillUniform53(data, end - BLOCK, end);
    boxMuller64(data, end - BLOCK, end, mean, std);
  }
}

/** One standard normal number, of two that a Box-Muller pair gives; the other waits in the generator. */
export function drawNormal(generator: Generator): number {
  const { engine, nextNormal } = generator;
  if (nextNormal !== null) {
    generator.nextNormal = null;
    return nextNormal;
  }
  const u = engine.uniform53();
  const v = engine.uniform53();
  const radius = Math.sqrt(-2 * Math.log1p(-v));
  const angle = 2 * Math.PI * u;
  generator.nextNormal = radius * Math.sin(angle);
  return radius * Math.cos(angle);
}
