import type { Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import type { Distribution } from "./distribution.ts";
import type { DistributionClass, Divergence } from "./divergence.ts";
import { divergences } from "./divergences.ts";

/** What users have added, the latest first. */
const registered: Divergence[] = [];

/**
 * Teaches {@link klDivergence} a pair of distributions, subclasses included; of several that fit, the nearest to the class of p
 * counts, then the nearest to that of q, then the latest (torch.distributions.register_kl).
 *
 * @param compute KL(p ‖ q), of the shape to which the batches broadcast
 */
export function registerKl<P extends Distribution, Q extends Distribution>(
  p: DistributionClass<P>,
  q: DistributionClass<Q>,
  compute: (p: P, q: Q) => Tensor,
): void {
  const divergence: Divergence<P, Q> = { p, q, compute };
  registered.unshift(divergence as Divergence);
}

/**
 * The Kullback-Leibler divergence of q from p, in nats: the expectation of ln p(x) − ln q(x) where x is drawn from p.
 *
 * @returns the shape to which the batches broadcast
 * @throws TensorError `unsupported` for a pair without a formula; `shape_mismatch`
 * @see torch.distributions.kl_divergence; Kullback & Leibler (1951), On Information and Sufficiency
 */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  let nearest: Divergence | null = null;
  let distance: Distance = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const known of [...registered, ...divergences]) {
    const found = [generations(p, known.p), generations(q, known.q)] as const;
    if (!found.every(Number.isFinite) || !isNearer(found, distance)) continue;
    nearest = known;
    distance = found;
  }
  if (nearest !== null) return nearest.compute(p, q);
  const facts = { p: p.constructor.name, q: q.constructor.name };
  return fail("unsupported", "klDivergence", "there is no formula for these two", facts, "registerKl adds one");
}

type Distance = readonly [p: number, q: number];

const isNearer = (a: Distance, b: Distance): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

/** How many classes above its own an ancestor of a distribution is; infinite for what is none. */
function generations(distribution: Distribution, ancestor: DistributionClass<Distribution>): number {
  let steps = 0;
  let prototype: unknown = Object.getPrototypeOf(distribution);
  while (prototype !== null && prototype !== ancestor.prototype) {
    prototype = Object.getPrototypeOf(prototype);
    steps += 1;
  }
  return prototype === null ? Number.POSITIVE_INFINITY : steps;
}
