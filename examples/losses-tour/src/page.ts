import { allclose, type Tensor, type TensorData, tensor } from "tapegrad";

/** Where the tour is printed, and who remembers whether library and hand have always agreed. */
export class Page {
  /** Whether they have agreed so far. */
  agreed = true;
  readonly #write: (text: string) => void;

  /** @param write takes a text without its line break */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Begins a section. */
  section(number: string, title: string): void {
    this.print(`\n${number} ${title}`);
  }

  /** Prints as Python's print does: tensors as torch shows them, a space between the parts. */
  print(...parts: readonly (string | Tensor)[]): void {
    this.#write(parts.map(String).join(" "));
  }

  /** Prints what was computed by hand, and whether the library agrees to within 1e-5 of it. */
  agree(byLibrary: Tensor, byHand: TensorData): void {
    const hand = tensor(byHand, { dtype: byLibrary.dtype });
    const same = allclose(byLibrary.detach(), hand.expand(byLibrary.shape), { rtol: 1e-5, atol: 1e-6 });
    this.agreed &&= same;
    this.print("by hand:", hand);
    this.print("agree:", same ? "True" : "False");
  }
}

/** The number in a tensor as Python writes a float between 1e-4 and 1e16: what an f-string shows of a tensor without dimensions. */
export function numberOf(scalar: Tensor): string {
  const value = scalar.item();
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** A shape as torch prints it. */
export function sizeOf(shape: readonly number[]): string {
  return `torch.Size([${shape.join(", ")}])`;
}

/** A vector as plain numbers. */
export function list(vector: Tensor): number[] {
  return vector.tolist() as number[];
}

/** A matrix as plain numbers. */
export function rows(matrix: Tensor): number[][] {
  return matrix.tolist() as number[][];
}

/** The sum of plain numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
