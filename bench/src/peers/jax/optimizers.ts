import { numpy as np } from "@jax-js/jax";
import { arrayOf, type JaxArray, mapTree, refTree, type Tree } from "./library.ts";

/** A rule by which parameters follow their gradients: both functions are pure, and use their arguments up. */
export interface Rule {
  readonly start: (parameters: Tree) => Tree;
  readonly step: (parameters: Tree, gradients: Tree, state: Tree) => [parameters: Tree, state: Tree];
}

const take = (tree: Tree, name: string): JaxArray => tree[name]!;
const zeros = (prefix: string, parameters: Tree): Tree =>
  Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [prefix + name, np.zeros(shape)]));
const part = (prefix: string, tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
const named = (prefix: string, tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).map(([name, value]) => [prefix + name, value]));

/** Stochastic gradient descent as torch writes it, with momentum or without. */
export function sgd(lr: number, momentum = 0): Rule {
  if (momentum === 0) {
    return {
      start: () => ({}),
      step: (parameters, gradients, state) => [
        mapTree(parameters, (value, name) => value.sub(take(gradients, name).mul(lr))),
        state,
      ],
    };
  }
  return {
    start: (parameters) => zeros("", parameters),
    step: (parameters, gradients, state) => {
      const velocity = mapTree(state, (value, name) => value.mul(momentum).add(take(gradients, name)));
      const held = refTree(velocity);
      return [mapTree(parameters, (value, name) => value.sub(take(held, name).mul(lr))), velocity];
    },
  };
}

const [BETA1, BETA2, EPS] = [0.9, 0.999, 1e-8];

/** Adam, with decoupled decay of the parameters where `decay` is not 0. */
export function adam(lr: number, decay = 0): Rule {
  return {
    // the powers of the betas are arrays, so that a step is the same compiled function each time
    start: (parameters) => ({
      ...zeros("mean ", parameters),
      ...zeros("square ", parameters),
      power1: arrayOf(Float32Array.of(1), []),
      power2: arrayOf(Float32Array.of(1), []),
    }),
    step: (parameters, gradients, state) => {
      const power1 = take(state, "power1").mul(BETA1);
      const power2 = take(state, "power2").mul(BETA2);
      const held = refTree(gradients);
      const mean = mapTree(part("mean ", state), (value, name) =>
        value.mul(BETA1).add(take(gradients, name).mul(1 - BETA1)),
      );
      const square = mapTree(part("square ", state), (value, name) =>
        value.mul(BETA2).add(np.square(take(held, name)).mul(1 - BETA2)),
      );
      const [means, squares] = [refTree(mean), refTree(square)];
      const rate = np.array(lr).div(np.array(1).sub(power1.ref));
      const correction = np.sqrt(np.array(1).sub(power2.ref));
      const moved = mapTree(parameters, (value, name) => {
        const shrunk = decay === 0 ? value : value.mul(1 - lr * decay);
        const root = np.sqrt(take(squares, name)).div(correction.ref).add(EPS);
        return shrunk.sub(take(means, name).div(root).mul(rate.ref));
      });
      rate.dispose();
      correction.dispose();
      return [moved, { ...named("mean ", mean), ...named("square ", square), power1, power2 }];
    },
  };
}
