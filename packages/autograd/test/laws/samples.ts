import type { Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { AnyFunction, OpName, Sample, SeveralName } from "./sample.ts";
import { activation } from "./samples/activation.ts";
import { arithmetic } from "./samples/arithmetic.ts";
import { cast } from "./samples/cast.ts";
import { choose } from "./samples/choose.ts";
import { compare } from "./samples/compare.ts";
import { conv } from "./samples/conv.ts";
import { curves } from "./samples/curves.ts";
import { dropout } from "./samples/dropout.ts";
import { extrema } from "./samples/extrema.ts";
import { indexing } from "./samples/indexing.ts";
import { join } from "./samples/join.ts";
import { matmul } from "./samples/matmul.ts";
import { norm } from "./samples/norm.ts";
import { observations } from "./samples/observations.ts";
import { pairs } from "./samples/pairs.ts";
import { pointwise } from "./samples/pointwise.ts";
import { pool } from "./samples/pool.ts";
import { products } from "./samples/products.ts";
import { reduce } from "./samples/reduce.ts";
import { reduceAt } from "./samples/reduceAt.ts";
import { search } from "./samples/search.ts";
import { several } from "./samples/several.ts";
import { shape } from "./samples/shape.ts";
import { statistics } from "./samples/statistics.ts";
import { turn } from "./samples/turn.ts";

/** Samples for every function of the op surface that gives a tensor: a new one without a sample does not compile. */
export const samples: Readonly<Record<OpName, readonly Sample[]>> = {
  ...activation,
  ...arithmetic,
  ...cast,
  ...choose,
  ...compare,
  ...conv,
  ...curves,
  ...dropout,
  ...extrema,
  ...indexing,
  ...join,
  ...matmul,
  ...norm,
  ...observations,
  ...pairs,
  ...pointwise,
  ...pool,
  ...products,
  ...reduce,
  ...reduceAt,
  ...search,
  ...shape,
  ...statistics,
  ...turn,
};

/** A function of tensors, with all other arguments filled in. */
export type Call = (...inputs: Tensor[]) => Tensor;

/** One sample of one op, ready to run. */
export interface Case {
  readonly name: OpName | SeveralName;
  /** The name, and what tells the sample from others of its op. */
  readonly label: string;
  readonly sample: Sample;
  /** Calls the op as the sample says. */
  readonly run: Call;
}

/** The call of a sample, of the op itself or of another function that stands in for it. */
export function callOf({ call }: Sample, op: AnyFunction): Call {
  return call === undefined ? (op as Call) : (...inputs) => call(op, ...inputs);
}

const casesOf = (table: Readonly<Record<string, readonly Sample[]>>): Case[] =>
  (Object.entries(table) as [OpName, readonly Sample[]][]).flatMap(([name, list]) =>
    list.map((sample) => ({
      name,
      label: sample.title === undefined ? name : `${name} (${sample.title})`,
      sample,
      run: callOf(sample, ops[name]),
    })),
  );

/** All samples of all ops that give a tensor. */
export const singleCases: readonly Case[] = casesOf(samples);

/** All samples of all ops. */
export const cases: readonly Case[] = [...singleCases, ...casesOf(several)];
