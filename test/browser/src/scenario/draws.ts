import { bernoulli, empty, manualSeed, multinomial, poisson, rand, randint, randn, randperm } from "tapegrad";
import { type Packed, pack } from "../packed.ts";

/** Random numbers of every kind after `manualSeed(2147483647)`; sizes on both sides of the lengths at which torch changes its method. */
export function draw(): Record<string, Packed> {
  manualSeed(2147483647);
  return {
    rand: pack(rand(1000)),
    "rand, float64": pack(rand([300], { dtype: "float64" })),
    "randn, few": pack(randn(15)),
    randn: pack(randn(20, 101)),
    "randperm, few": pack(randperm(10)),
    randperm: pack(randperm(3000)),
    randint: pack(randint(-5, 1000, [500])),
    bernoulli: pack(bernoulli(rand(500))),
    multinomial: pack(multinomial(rand([4, 50]), 20)),
    poisson: pack(poisson(rand([500]).mul(30))),
    exponential: pack(empty([500]).exponential_(2)),
    cauchy: pack(empty([500]).cauchy_()),
    logNormal: pack(empty([500]).logNormal_()),
    geometric: pack(empty([500]).geometric_(0.3)),
  };
}

/** Normal numbers in float64, which take the host's own logarithm, sine and cosine. */
export function drawDouble(): Packed {
  manualSeed(1);
  return pack(randn([1000], { dtype: "float64" }));
}
