import { fail, type Shape } from "@tapegrad/tensor";

/** An equation with the dots spelled out: a label for each dimension of each operand, and of the result. */
export interface Equation {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** A letter, or "..." for the further dimensions. */
type Symbols = readonly string[];

const DOTS = "...";

/**
 * Reads the equation of einsum. Dimensions that `...` stands for get labels of their own, aligned at the last one.
 *
 * @throws TensorError `invalid_argument` | `shape_mismatch`
 */
export function parseEinsum(equation: string, shapes: readonly Shape[]): Equation {
  const wrong = (problem: string): never => fail("invalid_argument", "einsum", problem, { equation });
  const [inputs, result, ...more] = equation.split("->");
  if (more.length > 0) wrong("there is more than one arrow");
  const inputTerms = inputs!.split(",").map((term) => symbolsOf(term, wrong));
  if (inputTerms.length !== shapes.length) wrong(`${inputTerms.length} operands are named, ${shapes.length} are given`);

  const further = inputTerms.map((symbols, i) => {
    const letters = symbols.filter((symbol) => symbol !== DOTS).length;
    const left = shapes[i]!.length - letters;
    if (left < 0 || (left > 0 && letters === symbols.length)) {
      const facts = { equation, operand: i, shape: shapes[i], letters };
      fail("shape_mismatch", "einsum", "an operand has not as many dimensions as letters", facts);
    }
    return left;
  });
  const terms = inputTerms.map((symbols, i) => spelled(symbols, further[i]!));
  const most = Math.max(0, ...further);
  if (result === undefined) return { terms, output: [...spelled([DOTS], most), ...once(inputTerms.flat())] };

  const outputSymbols = symbolsOf(result, wrong);
  outputSymbols.forEach((symbol, i) => {
    if (outputSymbols.indexOf(symbol) !== i) wrong(`"${symbol}" stands twice after the arrow`);
    if (symbol !== DOTS && !inputTerms.some((symbols) => symbols.includes(symbol))) {
      wrong(`"${symbol}" stands after the arrow only`);
    }
  });
  return { terms, output: spelled(outputSymbols, most) };
}

function symbolsOf(term: string, wrong: (problem: string) => never): Symbols {
  const symbols = term.replaceAll(" ", "").match(/\.\.\.|./gu) ?? [];
  for (const symbol of symbols) {
    if (symbol !== DOTS && !/^[a-zA-Z]$/u.test(symbol)) wrong(`"${symbol}" is neither a letter nor part of "..."`);
  }
  if (symbols.filter((symbol) => symbol === DOTS).length > 1) wrong('"..." stands twice in one term');
  return symbols;
}

const spelled = (symbols: Symbols, further: number): string[] =>
  symbols.flatMap((symbol) =>
    symbol === DOTS ? Array.from({ length: further }, (_, i) => `.${further - 1 - i}`) : [symbol],
  );

/** The letters that occur once, in alphabetical order, capitals first. */
const once = (symbols: Symbols): string[] =>
  symbols.filter((symbol) => symbol !== DOTS && symbols.indexOf(symbol) === symbols.lastIndexOf(symbol)).sort();
