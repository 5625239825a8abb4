import { describe, expect, it } from "vitest";
import { describeOptions, type LinearCrossEntropyOptions, rowsAtOnce } from "./chunks.ts";

const sizes = (rows: number, features: number, classes: number): Parameters<typeof rowsAtOnce>[1] => ({
  rows,
  features,
  classes,
  dtype: "float32",
});

describe("rowsAtOnce", () => {
  // torch 2.13: LinearCrossEntropyOptions._adjust for "auto", "aspect_ratio" and "aspect_ratio:4"
  it.each([
    [[1024, 50, 50000], 1, 2, 1],
    [[7, 5, 12], 2, 4, 1],
    [[64, 512, 10], 32, 64, 16],
    [[100, 10, 1000], 1, 1, 1],
    [[100, 100, 100], 64, 100, 32],
  ] as const)("of %j are torch's", ([rows, features, classes], auto, ratio, quarter) => {
    const found = ([undefined, "auto", "aspect_ratio", "aspect_ratio:4"] as const).map((chunkingMethod) =>
      rowsAtOnce("test", sizes(rows, features, classes), chunkingMethod === undefined ? {} : { chunkingMethod }),
    );
    expect(found).toEqual([auto, auto, ratio, quarter]);
  });

  it("are as many as asked for, at most all, at least one", () => {
    const of = (options: LinearCrossEntropyOptions, rows = 10): number =>
      rowsAtOnce("test", sizes(rows, 4, 4), options);
    expect([1, 3, 10, 11].map((batchChunkSize) => of({ batchChunkSize }))).toEqual([1, 3, 10, 10]);
    expect(of({ chunkingMethod: null })).toBe(10);
    expect(of({ batchChunkSize: 4, chunkingMethod: null })).toBe(4);
    expect(of({ batchChunkSize: 8, chunkingMethod: "aspect_ratio:2" })).toBe(8);
    expect(of({}, 0)).toBe(1);
    expect(rowsAtOnce("test", sizes(4, 0, 3), {})).toBe(1);
  });

  it("have 4 million logits where nothing is said, and are at least 8", () => {
    const of = (rows: number, classes: number): number => rowsAtOnce("test", sizes(rows, 8, classes), null);
    expect([of(100, 10), of(2 ** 20, 4), of(2 ** 20, 8), of(1000, 50_000), of(1000, 10 ** 7), of(5, 10 ** 7)]).toEqual([
      100,
      2 ** 20,
      2 ** 19,
      83,
      8,
      5,
    ]);
  });

  it("are an error where the options make no sense", () => {
    const of =
      (options: object): (() => number) =>
      () =>
        rowsAtOnce("test", sizes(10, 4, 4), options);
    expect(of({ batchChunkSize: 3, chunkingMethod: "aspect_ratio" })).toThrow(
      /contradict each other[\s\S]*which gives 10/,
    );
    for (const chunkingMethod of ["aspect_ratio:0", "aspect_ratio:x", "aspect", "aspect_ratio:2b", "an aspect_ratio"]) {
      expect(of({ chunkingMethod })).toThrow(/unknown chunkingMethod/);
    }
    for (const batchChunkSize of [0, -1, 1.5]) expect(of({ batchChunkSize })).toThrow(/at least 1/);
    expect(of({ accPolicy: "acurate" })).toThrow(/did you mean "accurate"/);
    expect(of({ accDtype: "float64" })).toThrow(/accDtype must be the dtype of the input/);
    expect(of({ accDtype: "float32", accPolicy: "compact", allowRetainGraph: true })).not.toThrow();
    expect(of({ batch_chunk_size: 3 })).toThrow(/did you mean batchChunkSize/);
  });
});

describe("describeOptions", () => {
  it("prints as torch does", () => {
    expect(describeOptions("test", null)).toBe("None");
    expect(describeOptions("test", { allowRetainGraph: true, chunkingMethod: null, accDtype: "float32" })).toBe(
      "LinearCrossEntropyOptions(allow_retain_graph=True, batch_chunk_size=None, chunking_method=None, acc_policy='auto', " +
        "acc_dtype=torch.float32)",
    );
  });
});
